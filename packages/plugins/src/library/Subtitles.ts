/** What is shown from when to when, in seconds from the start of the file. */
export interface Cue {
  readonly start: number
  readonly end: number
  readonly text: string
}

const millisOf = (seconds: number): number => Math.max(0, Math.round(seconds * 1000))

/** An empty line would end the cue. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim()

/** The cue of a text; `undefined` for one without words or length: players refuse it. */
export const cue = (text: string, start: number, end: number): Cue | undefined => {
  const said = oneLine(text)
  return said === "" || millisOf(end) <= millisOf(start) ? undefined : { start, end, text: said }
}

const two = (number: number): string => String(number).padStart(2, "0")

const timeOf = (seconds: number, point: "." | ","): string => {
  const whole = millisOf(seconds)
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60]
  return `${two(hours)}:${two(minutes)}:${two(Math.floor(whole / 1000) % 60)}${point}${String(whole % 1000).padStart(3, "0")}`
}

const times = ({ end, start }: Cue, point: "." | ","): string => `${timeOf(start, point)} --> ${timeOf(end, point)}`

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** WebVTT: with its three signs escaped no text is taken for a tag or a time. */
export const webVtt = (cues: ReadonlyArray<Cue>): string =>
  `WEBVTT\n\n${cues.map((cue) => `${times(cue, ".")}\n${escaped(cue.text)}\n`).join("\n")}`

/** SubRip has no escapes: what players take for a tag or a time is written with signs that look alike. */
const plain = (text: string): string =>
  text.replaceAll("-->", "→").replaceAll("<", "‹").replaceAll(">", "›").replaceAll("{\\", "(\\")

/** SubRip, as players read it. */
export const subRip = (cues: ReadonlyArray<Cue>): string =>
  cues.map((cue, i) => `${i + 1}\n${times(cue, ",")}\n${plain(cue.text)}\n`).join("\n")
