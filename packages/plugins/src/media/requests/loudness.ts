import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** EBU R128 / ITU-R BS.1770. */
export interface Loudness extends SoundRequest {
  readonly _tag: "Loudness"
  /** Looks for peaks between the samples too. Default false. */
  readonly truePeak?: boolean | undefined
}

/**
 * LUFS, LU, dBTP; absent where the gate left nothing (silence, under 0.4 s) and where the sample rate is too low to weigh it; the range
 * also under ten seconds. `truePeak` only where it was asked for.
 */
export interface LoudnessResult {
  readonly integrated?: number | undefined
  readonly range?: number | undefined
  readonly truePeak?: number | undefined
}

export const loudness = ({ truePeak = false }: Loudness): SoundHandler<LoudnessResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Loudness" }, ...(truePeak ? [{ _tag: "TruePeak" } as const] : [])] },
  answer: {
    _tag: "FromMeasured",
    result: ({ values: { integrated, range, truePeak } }) => ({ integrated, range, truePeak })
  }
})
