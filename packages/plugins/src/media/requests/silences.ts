import { finite, logged, rounded } from "../FilterChain.js"
import type { Measured, SoundHandler, SoundRequest } from "../RequestHandler.js"

export interface Silences extends SoundRequest {
  readonly _tag: "Silences"
  /** dBFS */
  readonly threshold: number
  readonly minimumSeconds: number
}

export type SilencesResult = ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }>

/** Starts and ends in the order in which they were met; the last has no end when it lasts to the end of the input. */
const measured = (starts: ReadonlyArray<number>, ends: ReadonlyArray<number>): Measured => ({
  values: {},
  rows: starts.map((start, n) => finite({ start: Math.max(0, start), end: ends[n] }))
})

export const silences = ({ minimumSeconds, threshold }: Silences): SoundHandler<SilencesResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  filters: (setting) =>
    [`silencedetect=n=${threshold}dB:d=${minimumSeconds}`, ...logged(["silence_start", "silence_end"], setting)].join(","),
  isTransparent: true,
  end: {
    _tag: "Measurement",
    codec: "pcm_f32le",
    fromLog: ({ series }) => measured(series("silence_start"), series("silence_end")),
    fromFrames: () => {
      const starts: Array<number> = []
      const ends: Array<number> = []
      return {
        read: (value) => {
          const start = value("silence_start")
          const end = value("silence_end")
          if (start !== undefined) starts.push(start)
          if (end !== undefined) ends.push(end)
        },
        finish: () => measured(starts, ends)
      }
    }
  },
  answer: {
    _tag: "FromMeasured",
    result: ({ rows }, { endSeconds }) =>
      rows.map(({ end = endSeconds, start = 0 }) => ({
        startSeconds: rounded(start),
        endSeconds: rounded(Math.max(start, end))
      }))
  }
})
