import { converted } from "../FilterChain.js"
import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Mono 32-bit float samples, little-endian, without a header. */
export interface Samples extends SoundRequest {
  readonly _tag: "Samples"
  readonly path: string
  /** Hz */
  readonly sampleRate: number
  readonly maxSeconds: number
}

export const samples = ({ maxSeconds, path, sampleRate }: Samples): SoundHandler<{ readonly count: number }> => ({
  _tag: "Sound",
  extent: [0, maxSeconds],
  end: {
    _tag: "RawSamples",
    path,
    filters: () => `atrim=end=${maxSeconds},${converted(sampleRate, { sample_fmts: "flt", channel_layouts: "mono" })}`
  },
  answer: { _tag: "FromSize", result: (size) => ({ count: size / 4 }) }
})
