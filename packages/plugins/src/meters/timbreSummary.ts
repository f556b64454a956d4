import type { Envelope } from "./Envelope.js"
import { BANDS, COLUMN, type TimbreFrames } from "./TimbreFrames.js"

/** Cosine terms that are kept of a spectrum: its shape, without the place of single partials. */
const SHAPE = 14
const CHANGE = 8
/** Windows this much (50 dB) under the loudest don't sound. */
const SOUNDING = 1e-5

const cosines = (values: Float64Array, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, k) =>
    values.reduce((sum, value, n) => sum + value * Math.cos((Math.PI * k * (n + 0.5)) / values.length), 0)
  )

/** Numbers of all windows that sound, and of how the level moves; none of silence. */
export const timbreSummary = (frames: TimbreFrames, envelope: Envelope): ReadonlyArray<number> => {
  const rows = Array.from({ length: frames.count }, (_, n) => frames.row(n))
  const power = (row: Float64Array) => row[COLUMN.power] ?? 0
  const loudest = rows.reduce((most, row) => Math.max(most, power(row)), 0)
  const sounding = rows.filter((row) => power(row) >= loudest * SOUNDING && power(row) > 1e-9)
  if (sounding.length === 0) return []
  const weights = Float64Array.from(sounding, (row) => Math.cbrt(power(row)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)

  const mean = (column: number): number => {
    let sum = 0
    for (const [n, row] of sounding.entries()) sum += (weights[n] ?? 0) * (row[column] ?? 0)
    return sum / total
  }
  const spread = (column: number): number => {
    const middle = mean(column)
    let sum = 0
    for (const [n, row] of sounding.entries()) sum += (weights[n] ?? 0) * ((row[column] ?? 0) - middle) ** 2
    return Math.sqrt(sum / total)
  }
  /** How much the shape changes from one window to the next. */
  const flux = (): number => {
    let sum = 0
    for (const [n, row] of sounding.entries()) {
      const before = sounding[n - 1]
      if (before === undefined || row[COLUMN.follows] !== 1) continue
      let change = 0
      for (let at = COLUMN.shape; at < row.length; at++) change += Math.abs((row[at] ?? 0) - (before[at] ?? 0))
      sum += (weights[n] ?? 0) * change
    }
    return sum / total
  }
  const bands = (of: (column: number) => number) => Float64Array.from({ length: BANDS }, (_, band) => of(COLUMN.shape + band))
  return [
    ...cosines(bands(mean), SHAPE),
    ...cosines(bands(spread), CHANGE),
    flux(),
    mean(COLUMN.centroid),
    spread(COLUMN.centroid),
    mean(COLUMN.tonality),
    spread(COLUMN.tonality),
    Math.sqrt(mean(COLUMN.flatness)),
    ...envelope.figures
  ]
}
