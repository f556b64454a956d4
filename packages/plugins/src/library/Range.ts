import type { DateField, NumberField } from "./QueryField.js"

/** Numbers between two bounds, both included. */
export interface Range {
  readonly least: number
  readonly most: number
}

type Unit = Readonly<Record<string, number>>

const time: Unit = { h: 3600, m: 60, min: 60, s: 1 }
const bytes: Unit = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 }

/** How far off "equal" may be, and the units that a number may have. */
const measures: Readonly<Record<NumberField, { readonly slack: number; readonly units: Unit; readonly example: string }>> = {
  duration: { slack: 1, units: time, example: ">60, <1m30s or 10..20" },
  tempo: { slack: 2, units: { bpm: 1 }, example: "120 or 110..130" },
  loudness: { slack: 1, units: { lufs: 1 }, example: "<-23 or -20..-14" },
  size: { slack: 0, units: bytes, example: ">10MB" },
  channels: { slack: 0, units: { ch: 1 }, example: "2 or >2" },
  rate: { slack: 0, units: { hz: 1, khz: 1000, k: 1000 }, example: "48kHz" },
  cost: { slack: 0, units: {}, example: ">0.05 or >0.05usd" },
  speech: { slack: 0.05, units: { "%": 0.01 }, example: ">0.5 or >50%" },
  snr: { slack: 1, units: { db: 1 }, example: ">30 or 10..20" },
  bandwidth: { slack: 200, units: { hz: 1, khz: 1000, k: 1000 }, example: "<16kHz" },
  hum: { slack: 1, units: { db: 1, dbfs: 1 }, example: ">-60" },
  clipping: { slack: 0.0005, units: { "%": 0.01 }, example: ">0.001 or >0.1%" },
  offset: { slack: 0.0005, units: { "%": 0.01 }, example: ">0.01 or >1%" },
  balance: { slack: 0.5, units: { db: 1 }, example: ">6" },
  doubt: { slack: 0, units: {}, example: "0 or >0" }
}

/** `90`, `-23.5`, `1m30s`, `1:30`, `1:02:03`, `10MB` */
const number = (text: string, units: Unit): number | undefined => {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (units === time && /^\d+(:[0-5]?\d(\.\d+)?){1,2}$/.test(text))
    return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
  const parts = [...text.matchAll(/(-?\d+(?:\.\d+)?)\s*([a-z%]+)/g)]
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text) return undefined
  if (parts.length > 1 && units !== time) return undefined
  let sum = 0
  for (const [, count, unit = ""] of parts) {
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
    if (factor === undefined) return undefined
    sum += Number(count) * factor
  }
  return sum
}

/** The two ends of what was typed: `>a`, `<a`, `a..b`, `a..`, `..b`, `a`. */
const ends = (typed: string): readonly [from: string, to: string] =>
  typed.includes("..")
    ? [typed.slice(0, typed.indexOf("..")).trim(), typed.slice(typed.indexOf("..") + 2).trim()]
    : /^>=?/.test(typed)
      ? [typed.replace(/^>=?/, "").trim(), ""]
      : /^<=?/.test(typed)
        ? ["", typed.replace(/^<=?/, "").trim()]
        : [typed, typed]

/** What a range of this field looks like. */
export const example = (field: NumberField): string => measures[field].example

/** `>60`, `<1m30s`, `10..20`, `10..`, or a number, which stands for about so much. `undefined` when it can't be read. */
export const parse = (field: NumberField, text: string): Range | undefined => {
  const { slack, units } = measures[field]
  const [from, to] = ends(text.trim().toLowerCase())
  const least = from === "" ? -Infinity : number(from, units)
  const most = to === "" ? Infinity : number(to, units)
  if (least === undefined || most === undefined || (from === "" && to === "")) return undefined
  return least === most ? { least: least - slack, most: most + slack } : { least, most }
}

const ages: Unit = { min: 60e3, h: 3600e3, d: 86_400e3, w: 7 * 86_400e3 }

/** The first and the last moment of a day, month or year, by the local clock; milliseconds since 1970. */
const day = (text: string, now: Date): Range | undefined => {
  const midnight = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime()
  if (text === "today") return { least: midnight(0), most: midnight(1) - 1 }
  if (text === "yesterday") return { least: midnight(-1), most: midnight(0) - 1 }
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:t(\d{1,2}):(\d{2}))?)?)?$/.exec(text)
  if (found === null) return undefined
  const [year, month, date, hour, minute] = found.slice(1).map((part) => (part === undefined ? undefined : Number(part)))
  const at = (years: number, months: number, days: number, minutes: number) =>
    new Date((year ?? 0) + years, (month ?? 1) - 1 + months, (date ?? 1) + days, hour ?? 0, (minute ?? 0) + minutes)
  const least = at(0, 0, 0, 0)
  if ((month !== undefined && least.getMonth() !== month - 1) || (date !== undefined && least.getDate() !== date))
    return undefined
  const next =
    month === undefined
      ? at(1, 0, 0, 0)
      : date === undefined
        ? at(0, 1, 0, 0)
        : hour === undefined
          ? at(0, 0, 1, 0)
          : at(0, 0, 0, 1)
  return { least: least.getTime(), most: next.getTime() - 1 }
}

const age = (text: string): number | undefined => {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)(min|h|d|w)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (ages[unit] ?? 0)
}

export const dateExample = "2026-01-31, >2026-01, 2026-01..2026-03, today, or an age such as <7d"

/**
 * Moments in milliseconds since 1970: `2026`, `2026-01`, `2026-01-31`, `today`; `>` after and `<` before it; `a..b`; and ages:
 * `<7d` and `7d` in the last seven days, `>7d` longer ago. `undefined` when it can't be read.
 */
export const parseDate = (_: DateField, text: string, now: Date): Range | undefined => {
  const typed = text.trim().toLowerCase()
  const [, sign = "", rest = ""] = /^([<>]?)=?\s*(.*)$/.exec(typed) ?? []
  const old = age(rest)
  if (old !== undefined)
    return sign === ">" ? { least: -Infinity, most: now.getTime() - old } : { least: now.getTime() - old, most: Infinity }
  const [from, to] = ends(typed)
  const first = from === "" ? undefined : day(from, now)
  const last = to === "" ? undefined : day(to, now)
  if ((from !== "" && first === undefined) || (to !== "" && last === undefined) || (from === "" && to === "")) return undefined
  // "After January" begins with February, "since" (>=) with January.
  if (/^>(?!=)/.test(typed) && first !== undefined) return { least: first.most + 1, most: Infinity }
  if (/^<(?!=)/.test(typed) && last !== undefined) return { least: -Infinity, most: last.least - 1 }
  return { least: first?.least ?? -Infinity, most: last?.most ?? Infinity }
}
