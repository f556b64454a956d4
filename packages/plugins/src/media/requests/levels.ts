import { converted, finite } from "../FilterChain.js"
import type { Measured, SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Sample statistics over the whole input. */
export interface Levels extends SoundRequest {
  readonly _tag: "Levels"
}

/** dBFS; absent for digital silence. `clippedSamples` counts those at full scale where some of them stand in a row. */
export interface LevelsResult {
  readonly peak?: number | undefined
  readonly rms?: number | undefined
  readonly clippedSamples: number
}

/** One channel as `astats` puts it. */
interface ChannelLevel {
  /** dBFS */
  readonly peak: number
  /** Above 0 when samples at the peak stand in a row. */
  readonly flatness: number
  /** Samples at the highest and the lowest value. */
  readonly count: number
}

/** A full-scale sample of 16 bits lies 0.0003 dB under that of 32. */
const FULL_SCALE = -0.001

/** dBFS to a hundredth. */
const measured = (peak: number, rms: number, channels: ReadonlyArray<ChannelLevel>): Measured => {
  const hundredth = (value: number) => Math.round(value * 100) / 100 + 0
  const clipped = channels.filter(({ flatness, peak }) => peak >= FULL_SCALE && flatness > 0)
  const clippedSamples = Math.round(clipped.reduce((sum, { count }) => sum + count, 0))
  return { values: finite({ peak: hundredth(peak), rms: hundredth(rms), clippedSamples }), rows: [] }
}

export const levels = (_: Levels): SoundHandler<LevelsResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  filters: ({ name, reads }) =>
    [
      // 32 bits: lossy codecs' samples beyond full scale are clipped as a converter would, and quiet ones keep their level.
      converted(undefined, { sample_fmts: "s32" }),
      // Numbers are put on every frame: fewer frames.
      ...(reads === "log" ? [] : ["asetnsamples=n=65536:p=0"]),
      `astats@${name}=measure_overall=Peak_level+RMS_level+Number_of_samples:measure_perchannel=Peak_level+Flat_factor+Peak_count` +
        (reads === "log" ? "" : ":metadata=1")
    ].join(","),
  countsSound: true,
  end: {
    _tag: "Measurement",
    codec: "pcm_s32le",
    fromLog: ({ channels, value }) =>
      measured(
        value("Peak level dB"),
        value("RMS level dB"),
        channels.map((of) => ({ peak: of("Peak level dB"), flatness: of("Flat factor"), count: of("Peak count") }))
      ),
    fromFrames: (channels) => {
      const latest: Array<ChannelLevel> = []
      let peak = -Infinity
      let rms = -Infinity
      return {
        read: (value) => {
          peak = value("astats.Overall.Peak_level") ?? peak
          rms = value("astats.Overall.RMS_level") ?? rms
          for (let n = 0; n < channels; n++)
            latest[n] = {
              peak: value(`astats.${n + 1}.Peak_level`) ?? -Infinity,
              flatness: value(`astats.${n + 1}.Flat_factor`) ?? 0,
              count: value(`astats.${n + 1}.Peak_count`) ?? 0
            }
        },
        finish: () => measured(peak, rms, latest)
      }
    }
  },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { clippedSamples = 0, peak, rms } }) => ({ peak, rms, clippedSamples })
  }
})
