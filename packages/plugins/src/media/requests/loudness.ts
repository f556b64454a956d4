import { converted, finite } from "../FilterChain.js"
import type { Measured, SoundHandler, SoundRequest } from "../RequestHandler.js"

/** EBU R128 / ITU-R BS.1770. */
export interface Loudness extends SoundRequest {
  readonly _tag: "Loudness"
  /** Oversamples to find peaks between the samples: doubles the cost of the measurement. Default false. */
  readonly truePeak?: boolean | undefined
}

/** LUFS, LU, dBTP; absent where the gate left nothing (silence, under 0.4 s). `truePeak` only where it was asked for. */
export interface LoudnessResult {
  readonly integrated?: number | undefined
  readonly range?: number | undefined
  readonly truePeak?: number | undefined
}

/** What `ebur128` says of a programme in which nothing passed its gate. */
const GATED = -70

/** As `ebur128` puts them, to one decimal. */
const measured = (integrated: number, range: number, truePeak: number | undefined): Measured => {
  const tenth = (value: number) => Math.round(value * 10) / 10
  const heard = Number.isFinite(integrated) && integrated > GATED
  return {
    values: finite({
      ...(heard ? { integrated: tenth(integrated), range: tenth(range) } : {}),
      truePeak: truePeak === undefined ? undefined : tenth(truePeak)
    }),
    rows: []
  }
}

/** Channels whose true peaks the filter puts on frames. */
const CHANNELS = 8

export const loudness = ({ truePeak = false }: Loudness): SoundHandler<LoudnessResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  filters: ({ name, reads }) =>
    [
      converted(undefined, { sample_fmts: "dbl" }),
      // FFmpeg 5 has no `framelog=quiet`.
      `ebur128@${name}=${reads === "log" ? "framelog=verbose" : "framelog=quiet:metadata=1"}${truePeak ? ":peak=true" : ""}`
    ].join(","),
  end: {
    _tag: "Measurement",
    codec: "pcm_f64le",
    fromLog: ({ value }) => measured(value("I"), value("LRA"), truePeak ? value("Peak") : undefined),
    fromFrames: () => {
      let integrated = -Infinity
      let range = 0
      let peak: number | undefined
      return {
        read: (value) => {
          integrated = value("r128.I") ?? integrated
          range = value("r128.LRA") ?? range
          for (let n = 0; n < CHANNELS; n++) {
            const channel = value(`r128.true_peaks_ch${n}`)
            if (channel === undefined) break
            peak = Math.max(peak ?? 0, channel)
          }
        },
        // The frames have the peak as a factor.
        finish: () => measured(integrated, range, peak === undefined ? undefined : 20 * Math.log10(peak))
      }
    }
  },
  answer: { _tag: "FromMeasured", result: ({ values: { integrated, range, truePeak } }) => ({ integrated, range, truePeak }) }
})
