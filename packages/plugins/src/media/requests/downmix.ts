import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** What a sum of all channels loses, because they are in opposite phase. */
export interface Downmix extends SoundRequest {
  readonly _tag: "Downmix"
}

export interface DownmixResult {
  /** dB against what unrelated channels would keep; below 0 where the channels agree. */
  readonly loss: number
  /** The same for the sum with every second channel turned over. */
  readonly flippedLoss: number
  /** The channel with the most power, from 0. */
  readonly loudest: number
}

export const downmix = (_: Downmix): SoundHandler<DownmixResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Downmix" }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { flippedLoss = 0, loss = 0, loudest = 0 } }) => ({ loss, flippedLoss, loudest })
  }
})
