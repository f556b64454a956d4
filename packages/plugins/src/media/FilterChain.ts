/** A stretch of the input, in seconds. */
export interface Cut {
  readonly startSeconds: number
  readonly durationSeconds: number
}

/** Filters that leave a cut of the sound. */
export const trimmed = (cut: Cut, origin: number): ReadonlyArray<string> => [
  `atrim=start=${cut.startSeconds - origin}:end=${cut.startSeconds - origin + cut.durationSeconds}`,
  "asetpts=PTS-STARTPTS"
]

/** Mixes channels so that full scale on all of them stays full scale: left to itself, FFmpeg does that for integers only. */
const NEVER_OVERLOADS = "rematrix_maxval=1"

/**
 * One conversion to a rate and format. `aresample` stands before `aformat` so that it happens here: left to themselves, the filters
 * agree on a format before the split, and one request's 8 kHz becomes everybody's. Rates and layouts are named together, so that one
 * conversion does both.
 */
export const converted = (rate: number | undefined, format: Readonly<Record<string, string | undefined>>): string => {
  const set = Object.entries(format).filter(([, value]) => value !== undefined)
  return [
    `aresample=${rate === undefined ? "" : `${rate}:`}${NEVER_OVERLOADS}`,
    ...(set.length === 0 ? [] : [`aformat=${set.map(([name, value]) => `${name}=${value}`).join(":")}`])
  ].join(",")
}

/** Seconds to whole microseconds: what containers count in, and stable in a result. */
export const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6
