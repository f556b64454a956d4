import type { Kernels } from "./Kernels.js"
import type { PcmBlock, PcmFormat } from "./Pcm.js"

/** What a meter found: finite numbers by name, and rows of such. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>
  readonly rows: ReadonlyArray<Readonly<Record<string, number>>>
}

/** Measures sound as it passes by, on the samples that are in the file. */
export interface Meter {
  readonly take: (block: PcmBlock) => void
  /** After the last block. */
  readonly finish: () => Measured
}

/** A meter for sound of one format, which works with these kernels. */
export type MakeMeter = (format: PcmFormat, kernels: Kernels) => Meter

/** Number by name, without those that are none. */
export const finite = (values: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value !== undefined && Number.isFinite(value) ? [[name, value]] : []))
  )

/** A level in dB: of an amplitude, with full scale at 1. Negative infinity for none. */
export const decibels = (amplitude: number): number => 20 * Math.log10(amplitude)

/** The amplitude of a level in dB. */
export const amplitude = (decibels: number): number => 10 ** (decibels / 20)

/** To a hundredth, and never negative zero. */
export const hundredth = (value: number): number => Math.round(value * 100) / 100 + 0
