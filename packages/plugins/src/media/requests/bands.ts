import type { SoundHandler, SoundRequest } from "../RequestHandler.js"

/** How loud the sound is up to some frequencies, and above each. */
export interface Bands extends SoundRequest {
  readonly _tag: "Bands"
  /** Hz */
  readonly edges: ReadonlyArray<number>
}

/** What lies up to an edge, and what lies above: dBFS (RMS over all channels) of the loudest stretch of some hundredths of a second. */
export interface Band {
  readonly inside: number
  readonly outside: number
}

/** A band an edge, in their order. */
export const bands = ({ edges }: Bands): SoundHandler<ReadonlyArray<Band>> => ({
  _tag: "Sound",
  extent: [0, Infinity],
  end: { _tag: "Meters", specs: [{ _tag: "Bands", edges }] },
  answer: {
    _tag: "FromMeasured",
    result: ({ rows }) => rows.map(({ inside = -Infinity, outside = -Infinity }) => ({ inside, outside }))
  }
})
