import { ParseResult } from "effect"

/** What is wrong with something that came over the wire, in one line: its first fault with its place. */
export const describe = (error: ParseResult.ParseError): string => {
  const [first] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return first === undefined ? "it has another form" : `${first.path.join(".") || "it"}: ${first.message}`
}
