import type { Json } from "@mediaspool/core"
import { colourOf, describe, motionOf, type Seen } from "./Pictures.js"
import type { Heard } from "./Sound.js"

const notes = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

/** `A4` */
const note = (hertz: number): string => {
  const number = Math.round(69 + 12 * Math.log2(hertz / 440))
  return `${notes[((number % 12) + 12) % 12] ?? "?"}${Math.floor(number / 12) - 1}`
}

const length = (seconds: number): string => `${seconds.toFixed(1)} seconds`
const loudness = (level: number): string => (level > -12 ? "loud" : level > -26 ? "moderate" : level > -40 ? "quiet" : "faint")

const tone = (hertz: number | undefined): string =>
  hertz === undefined ? "a sound without a clear pitch" : `a tone near ${hertz} Hz (${note(hertz)})`

const same = (a: number | undefined, b: number | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Math.abs(12 * Math.log2(a / b)) < 1)

/** Of what has no sound. */
export const NOTHING: Heard = { seconds: 0, level: undefined, silence: 1, tones: [undefined, undefined, undefined] }

/** What a captioner would say, if it only said what it had measured. */
export const caption = (heard: Heard): string => {
  const { level, seconds, silence, tones } = heard
  if (level === undefined || silence > 0.98) return `The recording lasts ${length(seconds)} and is silent throughout.`
  const [begin, middle, end] = tones
  const course =
    same(begin, middle) && same(middle, end)
      ? `It holds ${tone(middle)} throughout.`
      : `It opens with ${tone(begin)}, goes on with ${tone(middle)}, and ends with ${tone(end)}.`
  const pauses = silence < 0.02 ? "There are no pauses." : `About ${Math.round(silence * 100)} % of it is silence.`
  return `The recording lasts ${length(seconds)}. ${course} The level is ${loudness(level)}, ${Math.round(level)} dBFS on average. ${pauses} No words can be made out.`
}

/** What an instrument of this pitch might be called by a model, in its own word. */
const instrument = (hertz: number | undefined): string =>
  hertz === undefined
    ? "snare drum"
    : hertz < 110
      ? "bass guitar"
      : hertz < 200
        ? "cello"
        : hertz < 350
          ? "acoustic guitar"
          : hertz < 500
            ? "sine wave"
            : hertz < 1000
              ? "flute"
              : "violin"
const feeling = (level: number): string =>
  level > -8 ? "furious" : level > -16 ? "cheerful" : level > -28 ? "calm" : "melancholy"

interface Tag {
  readonly label: string
  readonly confidence: number
  readonly evidence: string
}

const shareOf = (heard: Heard): number => Math.round((1 - heard.silence) * 90) / 100

/** Labels that follow from what was measured, in a model's loose words where there are built-in synonyms for them. */
export const tags = (heard: Heard, allowed: ReadonlyArray<string>, seen?: Seen): ReadonlyArray<Tag> => {
  const colours = [...new Set(seen?.scenes.map(colourOf))].filter((colour) => allowed.includes(colour))
  if (colours.length > 0) return colours.map((label) => ({ label, confidence: 0.8, evidence: `the picture is mostly ${label}` }))
  const { level, tones } = heard
  if (level === undefined || heard.silence > 0.98) return []
  const tag = (label: string, evidence: string): Tag => ({ label, confidence: shareOf(heard), evidence })
  if (allowed.includes("angry")) return [tag(feeling(level), `${Math.round(level)} dBFS on average`)]
  const distinct = tones.filter((hertz, n) => tones.findIndex((other) => same(other, hertz)) === n)
  if (allowed.includes("piano")) return distinct.map((hertz) => tag(instrument(hertz), tone(hertz)))
  const pick = allowed[Math.abs(Math.round(12 * Math.log2((tones[1] ?? 110) / 55))) % allowed.length]
  return pick === undefined ? [] : [tag(pick, tone(tones[1]))]
}

/** What can be read from one of our captions. */
export const reread = (text: string): Heard => {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const tones = [...text.matchAll(/near (\d+) Hz|without a clear pitch/g)].map(([, hertz]) =>
    hertz === undefined ? undefined : Number(hertz)
  )
  const [begin, middle = begin, end = middle] = tones
  return {
    seconds: number(/lasts ([\d.]+) seconds/) ?? 0,
    level: /silent throughout/.test(text) ? undefined : (number(/, (-?\d+) dBFS/) ?? -20),
    silence: (number(/About (\d+) %/) ?? 0) / 100,
    tones: [begin, middle, end]
  }
}

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const record = (value: Json | undefined): { readonly [key: string]: Json } => (isRecord(value) ? value : {})
const list = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const soundNumber = (name: string, heard: Heard): number =>
  /tone|pitch|hz|freq/i.test(name)
    ? (heard.tones[1] ?? 0)
    : /level|loud|db/i.test(name)
      ? (heard.level ?? -100)
      : /silen/i.test(name)
        ? heard.silence
        : heard.seconds

/** A value that follows a JSON schema, with numbers from the sound where a property's name asks for one. */
export const bySchema = (schema: Json, heard: Heard, name = "", seen?: Seen): Json => {
  const { enum: choices, items, properties, type } = record(schema)
  const kind = Array.isArray(type) ? type[0] : type
  if (choices !== undefined) return list(choices)[0] ?? null
  const number =
    seen !== undefined && /scene|cut/i.test(name)
      ? seen.scenes.length
      : seen !== undefined && /motion|move/i.test(name)
        ? motionOf(seen)
        : soundNumber(name, heard)
  switch (kind) {
    case "number":
      return Math.round(number * 100) / 100
    case "integer":
      return Math.round(number)
    case "boolean":
      return /silen/i.test(name) ? heard.silence > 0.5 : heard.silence <= 0.5
    case "array":
      return items === undefined ? [] : [bySchema(items, heard, name, seen)]
    case "object":
      return Object.fromEntries(
        Object.entries(record(properties)).map(([key, inner]) => [key, bySchema(inner, heard, key, seen)])
      )
    case "null":
      return null
    default:
      return seen === undefined ? caption(heard) : /colou?r/i.test(name) ? seen.scenes.map(colourOf).join(", ") : describe(seen)
  }
}
