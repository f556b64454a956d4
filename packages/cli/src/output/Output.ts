import { Context, Effect, Layer } from "effect"
import { stripVTControlCharacters } from "node:util"
import pico from "picocolors"
import * as StandardOutput from "./StandardOutput.js"
import * as StartLine from "./StartLine.js"

type Stream = NodeJS.WriteStream

/** Whether a stream shows colours: a terminal, unless NO_COLOR says otherwise; anything, when FORCE_COLOR says so. */
export const colourful = (stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean =>
  (env["NO_COLOR"] ?? "") === "" && ((env["FORCE_COLOR"] ?? "") !== "" || (stream.isTTY === true && env["TERM"] !== "dumb"))

/** Text as a stream shows it. */
const shown = (stream: Stream, text: string): string => (colourful(stream) ? text : stripVTControlCharacters(text))

/** Says something above the lines that are drawn at the bottom of the terminal, while there are any. */
let above: ((text: string) => void) | undefined

/** Lines are drawn on stderr from now on, and what is written there goes above them; `undefined`: no longer. */
export const drawBelow = (persist: ((text: string) => void) | undefined): void => {
  above = persist
}

/** What goes to stderr is a line of JSON each, for programs that collect logs. */
let isJson = false
export const noteAsJson = (): void => {
  isJson = true
}

/** Whether somebody reads stderr as JSON: nothing is drawn there. */
export const notesAreJson = (): boolean => isJson

/** Writes a line of JSON on stderr, at once. */
export const logNow = (value: object): void => {
  StartLine.clear()
  const line = JSON.stringify(value)
  if (above === undefined) process.stderr.write(`${line}\n`)
  else above(line)
}

/** Writes a line on stderr, at once. */
export const noteNow = (text: string): void => {
  if (isJson) {
    const message = stripVTControlCharacters(text).trim()
    if (message !== "") logNow({ type: "log", time: new Date().toISOString(), level: "info", message })
    return
  }
  StartLine.clear()
  const line = shown(process.stderr, text)
  if (above === undefined) process.stderr.write(`${line}\n`)
  else above(line)
}

/** Writes a line, with its colours where the stream shows them. */
export const put = (stream: Stream, text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (stream === process.stderr) return noteNow(text)
    StartLine.clear()
    StandardOutput.write(`${shown(stream, text)}\n`)
  })

/** What a command says, and where: with `--json` values alone go to stdout and people's text to stderr. */
export interface Service {
  readonly json: boolean
  /** One line of JSON on stdout; nothing without `--json`. */
  readonly value: (value: object) => Effect.Effect<void>
  /** The same of many, with one write. */
  readonly values: (values: ReadonlyArray<object>) => Effect.Effect<void>
  /** The command's answer for people. */
  readonly print: (text: string) => Effect.Effect<void>
  /** What goes on meanwhile, on stderr. */
  readonly note: (text: string) => Effect.Effect<void>
}

const writeValues = (values: ReadonlyArray<object>): void =>
  StandardOutput.write(values.map((value) => `${JSON.stringify(value)}\n`).join(""))

const make = (json: boolean): Service => ({
  json,
  value: (value) => (json ? Effect.sync(() => writeValues([value])) : Effect.void),
  values: (values) => (json ? Effect.sync(() => writeValues(values)) : Effect.void),
  print: (text) => put(json ? process.stderr : process.stdout, text),
  note: (text) => put(process.stderr, text)
})

export class Output extends Context.Tag("@mediaspool/cli/Output")<Output, Service>() {
  static readonly make = make
  static readonly layer = (json: boolean) => Layer.succeed(Output, make(json))
}

/** Marks up text; {@link Output} takes the marks away where they don't belong. */
export const paint = pico.createColors(true)
