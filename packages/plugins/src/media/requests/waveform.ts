import { converted, spread } from "../FilterChain.js"
import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** A PNG of the level over time, on a transparent ground. */
export interface WaveformImage extends SoundRequest {
  readonly _tag: "WaveformImage"
  readonly path: string
  readonly width: number
  readonly height: number
  /** `#rrggbb` */
  readonly colour: string
}

/** Samples that the filter may buffer, whatever the length. */
const BUFFERED = 16_000_000

export const waveformImage = ({ colour, height, path, width }: WaveformImage): SoundHandler<{ readonly size: number }> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  filters: (setting) => {
    const { seconds } = setting
    const enough = Math.min(8000, Math.max(1000, BUFFERED / Math.max(1, seconds)))
    // With fewer samples than columns the filter draws nothing.
    const rate = Math.round(Math.max(enough, Math.min(192_000, (2 * width) / Math.max(0.001, seconds))))
    return [
      converted(rate, { channel_layouts: "mono" }),
      ...spread(setting),
      `showwavespic=s=${width}x${height}:colors=0x${colour.slice(1)}`
    ].join(",")
  },
  end: { _tag: "Picture", path },
  answer: { _tag: "FromSize", result: (size) => ({ size }) }
})
