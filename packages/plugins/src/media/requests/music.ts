import { notes } from "../../meters/MusicalKey.js"
import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** Tempo and key of the beginning. */
export interface Music extends SoundRequest {
  readonly _tag: "Music"
  readonly maxSeconds: number
}

/** Absent where there is none to name. Confidences are from 0 to 1. */
export interface MusicResult {
  readonly tempo?:
    | {
        readonly beatsPerMinute: number
        readonly confidence: number
        /** The same pulse counted twice or half as fast, where the sound leaves that open. */
        readonly alternative?: { readonly beatsPerMinute: number; readonly confidence: number } | undefined
      }
    | undefined
  readonly key?: { readonly tonic: string; readonly mode: "major" | "minor"; readonly confidence: number } | undefined
  /** Seconds that were listened to. */
  readonly seconds: number
}

export const music = ({ maxSeconds }: Music): SoundHandler<MusicResult> => ({
  _tag: "Sound",
  extent: [0, maxSeconds],
  end: { _tag: "Meters", specs: [{ _tag: "Music", maxSeconds }] },
  answer: {
    _tag: "FromMeasured",
    result: ({
      values: { isMinor, keyConfidence = 0, otherTempo, otherTempoConfidence = 0, seconds = 0, tempo, tempoConfidence = 0, tonic }
    }) => {
      const note = tonic === undefined ? undefined : notes[tonic]
      const alternative =
        otherTempo === undefined ? {} : { alternative: { beatsPerMinute: otherTempo, confidence: otherTempoConfidence } }
      return {
        seconds,
        ...(tempo === undefined ? {} : { tempo: { beatsPerMinute: tempo, confidence: tempoConfidence, ...alternative } }),
        ...(note === undefined
          ? {}
          : { key: { tonic: note, mode: isMinor === 1 ? "minor" : "major", confidence: keyConfidence } })
      }
    }
  }
})
