import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** What a sound can be known again by. */
export interface Fingerprint extends SoundRequest {
  readonly _tag: "Fingerprint"
}

export interface FingerprintResult {
  /** Of the decoded samples, in hex: the same in any container that keeps them. */
  readonly audioHash: string
  /** 32 bits for each 46 ms of the first half minute; 0 where it is silent. */
  readonly words: ReadonlyArray<number>
}

export const fingerprint = (_: Fingerprint): SoundHandler<FingerprintResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Fingerprint" }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ rows: [hash = {}, ...rest] }) => ({
      audioHash: Array.from({ length: 8 }, (_, n) => (hash[`hash${n}`] ?? 0).toString(16).padStart(8, "0")).join(""),
      words: rest.map(({ bits = 0 }) => bits)
    })
  }
})
