import { Either } from "effect"
import { SearchError } from "./SearchError.js"

/** What can be asked for between two numbers: SQL of the value, and how far off "equal" may be. */
export const measures = {
  /** Seconds */
  duration: { sql: "media.duration_seconds", slack: 1 },
  /** Beats a minute */
  tempo: { sql: "acoustics.beats_per_minute", slack: 2 },
  /** LUFS */
  loudness: { sql: "acoustics.integrated_loudness", slack: 1 }
} as const
export type Measure = keyof typeof measures

export const isMeasure = (name: string): name is Measure => Object.hasOwn(measures, name)

export interface Range {
  readonly least: number
  readonly most: number
}

const units: Readonly<Record<string, number>> = { h: 3600, m: 60, min: 60, s: 1 }

/** `90`, `-23.5`, `1m30s`, `1:30`, `1:02:03` */
const number = (text: string): number | undefined => {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (/^\d+(:[0-5]?\d(\.\d+)?){1,2}$/.test(text)) return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|min|m|s)/g)]
  return parts.length > 0 && parts.map(([all]) => all).join("") === text
    ? parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (units[unit] ?? 1), 0)
    : undefined
}

/** `>60`, `<1m30s`, `10..20`, `10..`, or a number, which stands for about so much. */
export const parse = (measure: Measure, text: string): Either.Either<Range, SearchError> => {
  const unreadable = Either.left(
    new SearchError({ code: "RangeUnreadable", detail: `'${text}' is no range that ${measure} could have` })
  )
  const typed = text.trim().toLowerCase()
  const [from, to] = typed.includes("..")
    ? [typed.slice(0, typed.indexOf("..")), typed.slice(typed.indexOf("..") + 2)]
    : /^>=?/.test(typed)
      ? [typed.replace(/^>=?/, ""), ""]
      : /^<=?/.test(typed)
        ? ["", typed.replace(/^<=?/, "")]
        : [typed, typed]
  const least = from === "" ? -Infinity : number(from.trim())
  const most = to === "" ? Infinity : number(to.trim())
  if (least === undefined || most === undefined || (from === "" && to === "")) return unreadable
  return Either.right(
    least === most ? { least: least - measures[measure].slack, most: most + measures[measure].slack } : { least, most }
  )
}
