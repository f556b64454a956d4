import type { Row } from "@mediaspool/core"

/** Columns that have one value in every row of a page, by name. */
export type SameValues = ReadonlyMap<string, Row[string]>

type Values = ReadonlyArray<unknown>

export const none: SameValues = new Map()

/** A value that SQLite finds equal to itself after a way through JSON. */
const isExact = (value: unknown): value is string | number | null =>
  value === null || typeof value === "string" || Number.isSafeInteger(value)

/** The columns of a page that have one value in it. */
export const of = (page: ReadonlyMap<string, Values>): SameValues =>
  new Map(
    [...page].flatMap(([name, values]) => {
      const [first] = values
      return isExact(first) && values.every((value) => value === first) ? [[name, first]] : []
    })
  )

/** What has its value in this page too; a column that once had another is never taken for such a one again. */
export const still = (same: SameValues, page: ReadonlyMap<string, Values>): SameValues => {
  const kept = new Map([...same].filter(([name, value]) => page.get(name)?.every((other) => other === value)))
  // What SQLite tells apart and we don't would be found in each page.
  return kept.size === same.size ? none : kept
}

/** SQL for how many rows have another value in one of them; the values are bound in the order of the map. */
export const others = (same: SameValues): string =>
  same.size === 0 ? "0" : `count(CASE WHEN ${[...same.keys()].map((name) => `${name} IS NOT ?`).join(" OR ")} THEN 1 END)`

/** Makes columns of one value: the same array as long as name, value and length are the same. */
export const filler = (): ((name: string, value: Row[string], length: number) => Values) => {
  const made = new Map<string, Values>()
  return (name, value, length) => {
    const last = made.get(name)
    if (last !== undefined && last.length === length && last[0] === value) return last
    const values = Array.from({ length }, () => value)
    made.set(name, values)
    return values
  }
}
