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

export const waveformImage = ({ colour, height, path, width }: WaveformImage): SoundHandler<{ readonly size: number }> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Waveform", path, width, height, colour }] },
  answer: { _tag: "FromSize", result: (size) => ({ size }) }
})
