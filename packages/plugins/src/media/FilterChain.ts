/** A stretch of the input, in seconds. */
export interface Cut {
  readonly startSeconds: number
  readonly durationSeconds: number
}

/** What filters are told of the input and of the engine. */
export interface FilterSetting {
  /** Where the decode starts, in seconds of the input. */
  readonly origin: number
  /** Length of the decode in seconds. */
  readonly seconds: number
  /** Seconds of the input before its sound begins. */
  readonly startSeconds: number
  /** Whether the input goes on where its sound may have ended: it has a picture. */
  readonly hasPicture: boolean
  /** Hz */
  readonly sampleRate: number
  /** The measuring filters' name, by which their lines in a log are known. */
  readonly name: string
  /** Where the engine reads measurements: from the frames that leave the filters, or from what these log. */
  readonly reads: "frames" | "log"
}

/** Filters that leave a cut of the sound. */
export const trimmed = (cut: Cut, origin: number): ReadonlyArray<string> => [
  `atrim=start=${cut.startSeconds - origin}:end=${cut.startSeconds - origin + cut.durationSeconds}`,
  "asetpts=PTS-STARTPTS"
]

/**
 * One conversion to a rate and format. `aresample` stands before `aformat` so that it happens here: left to themselves, the filters
 * agree on a format before the split, and one request's 8 kHz becomes everybody's. Rates and layouts are named together, so that one
 * conversion does both.
 */
export const converted = (rate: number | undefined, format: Readonly<Record<string, string | undefined>>): string => {
  const set = Object.entries(format).filter(([, value]) => value !== undefined)
  return [
    rate === undefined ? "aresample" : `aresample=${rate}`,
    ...(set.length === 0 ? [] : [`aformat=${set.map(([name, value]) => `${name}=${value}`).join(":")}`])
  ].join(",")
}

/** Filters that lay sound out over the whole input: silence where it begins late, or ends before the picture. */
export const spread = ({ hasPicture, seconds, startSeconds }: FilterSetting): ReadonlyArray<string> => [
  ...(startSeconds > 0 ? [`adelay=delays=${Math.round(startSeconds * 1000)}:all=1`] : []),
  ...(hasPicture ? [`apad=whole_dur=${rounded(seconds)}`] : [])
]

/** Filters that log a frame's numbers, for filters that don't log them under their own name. */
export const logged = (keys: ReadonlyArray<string>, { name, reads }: FilterSetting): ReadonlyArray<string> =>
  reads === "frames" ? [] : keys.map((key) => `ametadata@${name}=mode=print:key=lavfi.${key}`)

/** Number by name, without those that are none. */
export const finite = (values: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value !== undefined && Number.isFinite(value) ? [[name, value]] : []))
  )

/** Seconds to whole microseconds: what containers count in, and stable in a result. */
export const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6
