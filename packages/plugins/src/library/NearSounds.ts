import { fitsAt, isAlike, isNear, ones, REACH, type ComparedSound, TRIM } from "./ComparedSound.js"

/** Two sounds that are one, by their places. */
type Pair = readonly [a: number, b: number]

/** Pairs of about the same length up to which each is looked at: some three seconds. */
const EACH = 200_000
/** Places that a part of a word should have on average; each is compared with so many that follow it. */
const USUAL = 16
const NEXT = 64
/** Bits of a part of a word: fewer stand in too many sounds, more are seldom the same in a copy. */
const FEWEST_BITS = 16
const MOST_BITS = 24
/**
 * Words around one whose part is the same, and the bits in which those of a copy differ at most, all and the two next to it: of
 * unrelated sounds half do.
 */
const AROUND = [-2, -1, 1, 2]
const FAR = 50
const FAR_HALF = 32
/** Places of a part whose surroundings are laid side by side. */
const CHUNK = 1024

/** How many pairs are of about the same length. */
const count = (sorted: ReadonlyArray<ComparedSound>): number => {
  let [first, pairs] = [0, 0]
  for (const [n, { seconds }] of sorted.entries()) {
    while (seconds - (sorted[first]?.seconds ?? 0) > TRIM) first++
    pairs += n - first
  }
  return pairs
}

const each = (sorted: ReadonlyArray<ComparedSound>): ReadonlyArray<Pair> => {
  const found: Array<Pair> = []
  for (const [n, a] of sorted.entries())
    for (let m = n + 1; m < sorted.length; m++) {
      const b = sorted[m]
      if (b === undefined || b.seconds - a.seconds > TRIM) break
      if (isNear(a, b)) found.push([n, m])
    }
  return found
}

/** Where the words of all sounds stand, one sound behind the other. */
interface Words {
  readonly all: Uint32Array
  /** By place: the sound of a word. */
  readonly soundOf: Uint32Array
  /** By sound: its first word's place. */
  readonly starts: Uint32Array
}

const concatenate = (sorted: ReadonlyArray<ComparedSound>): Words => {
  const starts = new Uint32Array(sorted.length + 1)
  for (const [n, { words }] of sorted.entries()) starts[n + 1] = (starts[n] ?? 0) + words.length
  const all = new Uint32Array(starts[sorted.length] ?? 0)
  const soundOf = new Uint32Array(all.length)
  for (const [n, { words }] of sorted.entries()) {
    all.set(words, starts[n])
    soundOf.fill(n, starts[n], starts[n + 1])
  }
  return { all, soundOf, starts }
}

/** Places of words by a part of each: those of part `p` stand in `places` up to `ends[p]`, in order. Silence has none. */
const postings = ({ all }: Words, bits: number, shift: number) => {
  const mask = 2 ** bits - 1
  const ends = new Uint32Array(2 ** bits)
  const partOf = (word: number): number => (word >>> shift) & mask
  for (const word of all) if (word !== 0) ends[partOf(word)] = (ends[partOf(word)] ?? 0) + 1
  let places = 0
  // Where each part begins; filling moves it to where it ends.
  for (let part = 0; part < ends.length; part++) {
    const count = ends[part] ?? 0
    ends[part] = places
    places += count
  }
  const sorted = new Uint32Array(places)
  for (let place = 0; place < all.length; place++) {
    const word = all[place] ?? 0
    if (word === 0) continue
    const part = partOf(word)
    sorted[ends[part] ?? 0] = place
    ends[part] = (ends[part] ?? 0) + 1
  }
  return { ends, places: sorted }
}

/**
 * Pairs in which a part of a word is the same at a place where it could be, each looked at there alone. The work grows with the number
 * of sounds, not with its square: what stands in many sounds links each with the next ones.
 */
const indexed = (sorted: ReadonlyArray<ComparedSound>): ReadonlyArray<Pair> => {
  const words = concatenate(sorted)
  const { all, soundOf, starts } = words
  const bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, Math.ceil(Math.log2(all.length / USUAL))))
  const found: Array<Pair> = []
  const known = new Set<number>()
  const compare = (place: number, other: number): void => {
    const [n, m] = [soundOf[place] ?? 0, soundOf[other] ?? 0]
    const offset = place - (starts[n] ?? 0) - (other - (starts[m] ?? 0))
    const [a, b] = [sorted[n], sorted[m]]
    if (n === m || Math.abs(offset) > REACH || a === undefined || b === undefined || !isAlike(a, b)) return
    const pair = n * sorted.length + m
    if (known.has(pair) || !fitsAt(a, b, offset)) return
    known.add(pair)
    found.push([n, m])
  }
  // Words lie far from each other in memory: those around a place are fetched once, not once a pair.
  const near = new Uint32Array(AROUND.length * (CHUNK + NEXT))
  for (const shift of [0, (32 - bits) >> 1, 32 - bits]) {
    const { ends, places } = postings(words, bits, shift)
    let from = 0
    for (const end of ends) {
      for (; end - from > 1; from = Math.min(end, from + CHUNK)) {
        const own = Math.min(end, from + CHUNK) - from
        const last = Math.min(end, from + CHUNK + NEXT) - from
        for (let n = 0; n < last; n++)
          for (let k = 0; k < AROUND.length; k++)
            near[n * AROUND.length + k] = all[(places[from + n] ?? 0) + (AROUND[k] ?? 0)] ?? 0
        for (let n = 0; n < own; n++) {
          // Asked of hundreds of millions of pairs: half of the words tell most of them.
          const at = n * AROUND.length
          const a = near[at] ?? 0
          const b = near[at + 1] ?? 0
          const c = near[at + 2] ?? 0
          const d = near[at + 3] ?? 0
          const to = AROUND.length * Math.min(last, n + 1 + NEXT)
          for (let other = at + AROUND.length; other < to; other += AROUND.length) {
            const half = ones(b ^ (near[other + 1] ?? 0)) + ones(c ^ (near[other + 2] ?? 0))
            if (half > FAR_HALF || half + ones(a ^ (near[other] ?? 0)) + ones(d ^ (near[other + 3] ?? 0)) > FAR) continue
            compare(places[from + n] ?? 0, places[from + other / AROUND.length] ?? 0)
          }
        }
      }
      from = end
    }
  }
  return found
}

/**
 * Pairs that are nearly the same sound. Among few of about the same length each pair is compared; among many, those that have a part
 * of their fingerprints in common, which nearly all such pairs do.
 *
 * @param most pairs up to which each is compared
 */
export const pairs = (
  prints: ReadonlyArray<ComparedSound>,
  most = EACH
): ReadonlyArray<readonly [a: ComparedSound, b: ComparedSound]> => {
  const sorted = [...prints].sort((a, b) => a.seconds - b.seconds || a.mediaId - b.mediaId)
  return (count(sorted) <= most ? each : indexed)(sorted).flatMap(([n, m]) => {
    const [a, b] = [sorted[n], sorted[m]]
    return a === undefined || b === undefined ? [] : [[a, b] as const]
  })
}
