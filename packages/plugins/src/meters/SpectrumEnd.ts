import { percentile } from "./Percentile.js"

/** Hz that one value stands for: narrower than any transition band of an encoder. */
const CELL = 100
/** Power that 16-bit rounding leaves in a bin, four times over: below it nothing was recorded. */
const rounding = (size: number): number => (4 * 6 * (2 / 65_536) ** 2) / 12 / size
/** What stands 90 dB under the loudest part is a window's leak. */
const LEAK = 1e-9
/** An edge falls by 20 dB within 600 Hz; rooms and microphones don't. */
const CLIFF = 100

/** Where the spectrum ends. */
export interface SpectrumEnd {
  /** Hz up to which there is sound. */
  readonly bandwidth: number
  /** Hz of an edge that a low-pass filter, an encoder or a lower sample rate left; absent where the sound fades out by itself. */
  readonly cutoff?: number
}

/**
 * Where the spectrum ends; `undefined` where there is none.
 *
 * @param power mean power of each bin, with 1 for a full-scale sine
 * @param width Hz of a bin
 */
export const spectrumEnd = (power: Float64Array, width: number): SpectrumEnd | undefined => {
  const bins = Math.max(1, Math.round(CELL / width))
  const cells = Float64Array.from({ length: Math.floor(power.length / bins) }, (_, cell) =>
    power.subarray(cell * bins, (cell + 1) * bins).reduce((sum, value) => sum + value / bins, 0)
  )
  const loudest = cells.reduce((most, value) => Math.max(most, value), 0)
  const floor = Math.max(rounding(2 * power.length), loudest * LEAK)
  if (loudest <= floor) return undefined
  let last = cells.length - 1
  while ((cells[last] ?? 0) <= floor) last--
  const cell = bins * width
  const bandwidth = Math.round((last + 1) * cell)
  const about = (hertz: number) => Math.round(hertz / cell)
  const edge = edgeOf(cells, about, floor)
  // At the very top there is always an edge: the converter's own.
  return edge === undefined || edge > 0.94 * cells.length || edge < about(2000)
    ? { bandwidth }
    : { bandwidth, cutoff: Math.round(edge * cell) }
}

/** The steepest fall of 20 dB or more behind which nothing comes back, in cells. */
const edgeOf = (cells: Float64Array, about: (hertz: number) => number, floor: number): number | undefined => {
  const [near, far, gap] = [about(2000), about(1500), about(300)]
  let best: { readonly at: number; readonly fall: number; readonly low: number } | undefined
  // Downwards, so that what lies above is known to be low.
  let above = floor
  for (let at = cells.length - gap; at > near; at--) {
    above = Math.max(above, cells[at + gap] ?? 0)
    const low = percentile(cells.subarray(at - near, at - gap), 0.25)
    if (low < CLIFF * above) continue
    const fall = low / Math.max(floor, percentile(cells.subarray(at + gap, at + far), 0.5))
    if (best === undefined || fall > best.fall * 1.5) best = { at, fall, low }
  }
  if (best === undefined) return undefined
  // The edge itself: where the sound is 6 dB lower than before it.
  let edge = best.at + gap
  while (edge > best.at - near && (cells[edge - 1] ?? 0) < best.low / 4) edge--
  return edge
}
