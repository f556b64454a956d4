import { Context, Effect, Layer } from "effect"
import { stripVTControlCharacters } from "node:util"
import pico from "picocolors"
import * as StartLine from "./StartLine.js"

type Stream = NodeJS.WriteStream

/** Whether a stream shows colours: a terminal, unless NO_COLOR says otherwise; anything, when FORCE_COLOR says so. */
export const colourful = (stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean =>
  (env["NO_COLOR"] ?? "") === "" && ((env["FORCE_COLOR"] ?? "") !== "" || (stream.isTTY === true && env["TERM"] !== "dumb"))

/** Writes a line, with its colours where the stream shows them. */
export const put = (stream: Stream, text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    StartLine.clear()
    stream.write(`${colourful(stream) ? text : stripVTControlCharacters(text)}\n`)
  })

/** What a command says, and where: with `--json` values alone go to stdout and people's text to stderr. */
export interface Service {
  readonly json: boolean
  /** One line of JSON on stdout; nothing without `--json`. */
  readonly value: (value: object) => Effect.Effect<void>
  /** The command's answer for people. */
  readonly print: (text: string) => Effect.Effect<void>
  /** What goes on meanwhile, on stderr. */
  readonly note: (text: string) => Effect.Effect<void>
}

const make = (json: boolean): Service => ({
  json,
  value: (value) => (json ? Effect.sync(() => void process.stdout.write(`${JSON.stringify(value)}\n`)) : Effect.void),
  print: (text) => put(json ? process.stderr : process.stdout, text),
  note: (text) => put(process.stderr, text)
})

export class Output extends Context.Tag("@mediaspool/cli/Output")<Output, Service>() {
  static readonly make = make
  static readonly layer = (json: boolean) => Layer.succeed(Output, make(json))
}

/** Marks up text; {@link Output} takes the marks away where they don't belong. */
export const paint = pico.createColors(true)
