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
    const minimum = minimumSeconds * sampleRate
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
        if (peak >= limit) {
          let [first, last] = [0, count - 1]
          while (first < last && (peaks[first] ?? 0) < limit) first++
          while (last > first && (peaks[last] ?? 0) < limit) last--
          close(position + first)
          start = position + first + 1
          // Between the two there is room for a silence only where a short one counts.
          for (let i = first + 1; i <= last && last - first > minimum; i++)
            if ((peaks[i] ?? 0) >= limit) {
              close(position + i)
              start = position + i + 1
            }
          start = position + last + 1
        }
        position += count
      },
      finish: () => {
        close(position)
        return { values: {}, rows }
      }
    }
  }
