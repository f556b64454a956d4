import { converted } from "../FilterChain.js"
import { type Mix, mixFilters } from "../Mix.js"
import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Mono 32-bit float samples, little-endian, without a header. */
export interface Samples extends SoundRequest {
  readonly _tag: "Samples"
  readonly path: string
  /** Hz */
  readonly sampleRate: number
  readonly maxSeconds: number
  /** How channels become one; FFmpeg's own matrix when left out. */
  readonly mix?: Mix | undefined
}

export const samples = ({ maxSeconds, mix, path, sampleRate }: Samples): SoundHandler<{ readonly count: number }> => ({
  _tag: "Sound",
  extent: [0, maxSeconds],
  end: {
    _tag: "RawSamples",
    path,
    filters: ({ stream }) =>
      [
        `atrim=end=${maxSeconds}`,
        ...mixFilters(stream, 1, mix, "mono"),
        converted(sampleRate, { sample_fmts: "flt", channel_layouts: "mono" })
      ].join(",")
  },
  answer: { _tag: "FromSize", result: (size) => ({ count: size / 4 }) }
})
