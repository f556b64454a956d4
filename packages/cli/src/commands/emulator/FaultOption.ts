import { ModelEmulator } from "@mediaspool/emulator"
import { Either, ParseResult, Schema } from "effect"
import { parse } from "yaml"
import { ExitCode } from "../../ExitCode.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

type Fault = typeof ModelEmulator.Fault.Encoded

const decode = Schema.decodeUnknownEither(ModelEmulator.Fault, { onExcessProperty: "error" })

const read = (text: string): unknown => {
  try {
    const value: unknown = parse(text)
    return typeof value === "string" ? { kind: value } : value
  } catch {
    return text
  }
}

/** A fault as somebody types it: its kind alone, or a map in YAML's (and so in JSON's) form. */
export const faultOf = (text: string): Either.Either<Fault, Refused> =>
  Either.mapBoth(decode(read(text)), {
    onRight: Schema.encodeSync(ModelEmulator.Fault),
    onLeft: (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `
      return new Refused({
        code: ExitCode.usage,
        message: `--fault ${inline(text)} is not valid: ${where}${inline(issue?.message ?? "")}`,
        help: "`spool emulator --help` lists them."
      })
    }
  })
