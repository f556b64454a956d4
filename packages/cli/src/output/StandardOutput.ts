import { StringDecoder } from "node:string_decoder"

/** As it was before anybody took its place. */
const original = process.stdout.write.bind(process.stdout)

type Done = (error?: Error | null) => void

/** What others have written without a line end. */
let rest = ""
let stray: (line: string) => void = () => {}

/** Writes the command's own answer. */
export const write = (text: string): void => void original(text)

/**
 * Keeps stdout for the command's answer: what anything else in the process writes there, a plugin's `console.log` for one, is handed
 * to `tell`, line by line. A child process that inherits the stream goes around it.
 */
export const reserve = (tell: (line: string) => void): void => {
  stray = tell
  const decoder = new StringDecoder("utf8")
  process.stdout.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, callback?: Done): boolean => {
    const text =
      typeof chunk !== "string"
        ? decoder.write(Buffer.from(chunk))
        : typeof encoding === "string" && encoding !== "utf8"
          ? Buffer.from(chunk, encoding).toString()
          : chunk
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) tell(line)
    const done = typeof encoding === "function" ? encoding : callback
    if (done !== undefined) queueMicrotask(() => done())
    return true
  }
}

/** Calls back when all that was written has been read, or is known to be lost: a stream tells its errors after its callbacks. */
export const end = (done: () => void): void => {
  if (rest !== "") stray(rest)
  rest = ""
  original("", () => setImmediate(done))
}
