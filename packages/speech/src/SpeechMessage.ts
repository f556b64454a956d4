/** What the thread is asked: how likely each frame of some samples is speech. */
export interface SpeechRequest {
  /** Mono 32-bit float samples at 16 kHz, little-endian, without a header. */
  readonly path: string
}

export type SpeechReply =
  | { readonly _tag: "Heard"; readonly probabilities: Float32Array; readonly seconds: number }
  | {
      readonly _tag: "Failed"
      readonly code: "ModelMissing" | "DetectionFailed"
      readonly detail: string
    }
