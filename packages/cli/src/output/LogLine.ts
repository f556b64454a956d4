import { RawPath } from "@mediaspool/core"
import { paint } from "./Output.js"
import { inline, place } from "./Text.js"

/** Who speaks, as far as that is known. */
export interface Place {
  readonly pipeline?: string | undefined
  readonly node?: string | undefined
  readonly plugin?: string | undefined
  /** Of the file at work; absolute. */
  readonly path?: string | undefined
}

/** What a stage or a plugin logged. */
export interface LogLine extends Place {
  readonly time: Date
  /** `info`, `warn`, `error` … */
  readonly level: string
  readonly message: string
  readonly annotations: Readonly<Record<string, string>>
  /** With its stack. */
  readonly cause?: string | undefined
  /** It wasn't logged but written there. */
  readonly stream?: string | undefined
}

const colours: Readonly<Record<string, (text: string) => string>> = {
  warn: paint.yellow,
  error: paint.red,
  fatal: paint.red
}

/** `warn  caption (my-plugin) inbox/a.wav: 3 of 9 windows are silent  windows=9` */
export const text = ({ annotations, cause, level, message, node, path, plugin, stream }: LogLine): string => {
  const who = [
    ...(node === undefined ? [] : [paint.bold(node)]),
    ...(plugin === undefined ? [] : [node === undefined ? paint.bold(plugin) : `(${plugin})`]),
    ...(path === undefined ? [] : [place(path)])
  ].join(" ")
  const notes = [
    ...Object.entries(annotations).map(([name, value]) => `${inline(name)}=${inline(value)}`),
    ...(stream === undefined ? [] : [`(written to ${stream})`])
  ]
  const line = `${(colours[level] ?? paint.dim)(level)} ${who === "" ? "" : `${who}: `}${inline(message)}`
  return [
    notes.length === 0 ? line : `${line}  ${paint.dim(notes.join(" "))}`,
    ...(cause === undefined ? [] : cause.split("\n").map((each) => paint.dim(`  ${RawPath.display(each)}`)))
  ].join("\n")
}

/** The same for a script. */
export const value = ({ annotations, cause, level, message, node, path, pipeline, plugin, stream, time }: LogLine): object => ({
  type: "log",
  time: time.toISOString(),
  level,
  pipeline,
  node,
  plugin,
  path,
  message,
  ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  stream,
  cause
})
