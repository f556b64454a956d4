import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** What the sound is like, as numbers that two sounds can be compared by. */
export interface Timbre extends SoundRequest {
  readonly _tag: "Timbre"
}

/** Empty for silence, and for what is shorter than a window of 45 milliseconds and holds nothing. */
export interface TimbreResult {
  readonly values: ReadonlyArray<number>
}

export const timbre = (_: Timbre): SoundHandler<TimbreResult> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Timbre" }] },
  answer: { _tag: "FromMeasured", result: ({ rows }) => ({ values: rows.map(({ value = 0 }) => value) }) }
})
