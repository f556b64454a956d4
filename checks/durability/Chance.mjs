// The same course of chances for the same seed.

/** @param seed any integer */
export const make = (seed) => {
  let state = seed >>> 0
  /** From 0 to 1. */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    /** A whole number below `count`. */
    below: (count) => Math.floor(next() * count),
    of: (list) => list[Math.floor(next() * list.length)]
  }
}
