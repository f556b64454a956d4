import type { Band } from "../../media/requests/bands.js"

/** Hz above which people hear nothing. */
const HEARD = 20_000
/** Hz: only a sound that is sampled faster holds much above what people hear. */
const USUAL = 48_000
/** dBFS (RMS) under which a copy holds nothing that is heard, and dB by which what lies above must be louder to be a sound, not noise. */
const NOTHING = -60
const LOUDER = 15

/**
 * The frequencies that may part what sounds from what the copy holds, in Hz, the highest first; none for a sound of a usual sample rate.
 *
 * @param from sample rate of the source, in Hz
 * @param to sample rate of the copy, in Hz
 */
export const edges = (from: number, to: number): ReadonlyArray<number> =>
  from <= USUAL ? [] : [HEARD, ...(to < 2 * HEARD ? [to / 2] : [])]

/** Says that all that sounds lies above what is heard in the copy, where it does. `bands` are those of the edges. */
export const inaudible = (edges: ReadonlyArray<number>, bands: ReadonlyArray<Band>): string | undefined => {
  const edge = edges.find((_, n) => {
    const { inside, outside } = bands[n] ?? { inside: 0, outside: 0 }
    return inside < NOTHING && outside > Math.max(NOTHING, inside + LOUDER)
  })
  return edge === undefined ? undefined : `it holds nothing audible: all that sounds lies above ${edge / 1000} kHz`
}
