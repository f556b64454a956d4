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
  /** For what share of the time the plain sum, the flipped one and the loudest channel alone lose what is heard, 0 to 1. */
  readonly lost: number
  readonly flippedLost: number
  readonly loudestLost: number
}

export const downmix = (_: Downmix): SoundHandler<DownmixResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Downmix" }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { flippedLoss = 0, flippedLost = 0, loss = 0, lost = 0, loudest = 0, loudestLost = 0 } }) => ({
      loss,
      flippedLoss,
      loudest,
      lost,
      flippedLost,
      loudestLost
    })
  }
})
