import { amplitude, type MakeMeter } from "./Meter.js"

export interface SilenceLimits {
  /** dBFS that no channel reaches. */
  readonly threshold: number
  readonly minimumSeconds: number
}

/** Stretches in which no channel reaches a level: a row each, with `start` and `end` in seconds of the decode. */
export const silenceMeter =
  ({ minimumSeconds, threshold }: SilenceLimits): MakeMeter =>
  ({ sampleRate }) => {
    const limit = amplitude(threshold)
    const rows: Array<{ readonly start: number; readonly end: number }> = []
    let position = 0
    /** Where the stretch began that may be silent. */
    let start = 0
    const close = (end: number) => {
      if (end > start && (end - start) / sampleRate >= minimumSeconds)
        rows.push({ start: start / sampleRate, end: end / sampleRate })
    }
    return {
      take: ({ count, peak, peaks }) => {
        for (let i = 0; i < count && peak >= limit; i++)
          if ((peaks[i] ?? 0) >= limit) {
            if (position + i > start) close(position + i)
            start = position + i + 1
          }
        position += count
      },
      finish: () => {
        close(position)
        return { values: {}, rows }
      }
    }
  }
