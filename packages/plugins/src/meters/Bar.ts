/** What begins at each frame of a stretch that repeats itself: the mean strength over all rounds; the strongest is 1. */
export type Bar = Float64Array

/** A beginning counts from this strength on, against the strongest. */
const STRONG = 0.5
/** Frames that a beginning takes. */
const WIDTH = 2

/** Lays all rounds of `lag` frames over each other. */
export const folded = (strength: Float64Array, lag: number): Bar => {
  const frames = Math.max(1, Math.round(lag))
  const sums = new Float64Array(frames)
  for (const [frame, value] of strength.entries()) {
    const at = Math.floor((((frame / lag) % 1) + 1e-9) * frames) % frames
    sums[at] = (sums[at] ?? 0) + value
  }
  const most = Math.max(...sums)
  return most === 0 ? sums : sums.map((sum) => sum / most)
}

/** The strongest beginning near a place, which is counted in frames and goes round. */
const near = (bar: Bar, place: number): number => {
  let most = 0
  for (let at = Math.round(place) - WIDTH; at <= Math.round(place) + WIDTH; at++)
    most = Math.max(most, bar[((at % bar.length) + bar.length) % bar.length] ?? 0)
  return most
}

/** How strong the places are, from its strongest one on, that divide a bar into so many parts: without that one itself. */
export const between = (bar: Bar, parts: number): ReadonlyArray<number> => {
  const first = bar.indexOf(1)
  return Array.from({ length: parts - 1 }, (_, n) => near(bar, first + ((n + 1) * bar.length) / parts))
}

/** How many strong beginnings a bar has. */
export const beginnings = (bar: Bar): number => {
  let [count, last] = [0, -Infinity]
  const first = bar.indexOf(1)
  for (let n = 0; n < bar.length; n++) {
    if ((bar[(first + n) % bar.length] ?? 0) < STRONG) continue
    // What ends the round belongs to the first.
    if (n - last > WIDTH && bar.length - n > WIDTH) count++
    last = n
  }
  return count
}

/** Into how many beats it is divided, the fewest of which more than half begin with something strong; 1 where none do. */
export const beatsIn = (bar: Bar): number =>
  [2, 4, 3].find((parts) => {
    const found = between(bar, parts)
    return found.filter((one) => one >= STRONG).length * 2 > found.length
  }) ?? 1
