/** A sound as it is compared. */
export interface ComparedSound {
  readonly mediaId: number
  /** Of the decoded samples. */
  readonly audioHash: string
  /** Of the packets as they stand in the file; absent in results of before it was taken. */
  readonly packetHash?: string | undefined
  readonly words: Uint32Array
  readonly timbre: ReadonlyArray<number>
  readonly seconds: number
}

/** Seconds that may be cut off a sound, at either end. */
export const TRIM = 2.5
/** Seconds between two words of a fingerprint. */
const HOP = 0.046
/** Share of bits that may differ, for many windows and for few: of unrelated sounds half do. */
const MANY = { words: 20, differing: 0.3 }
const FEW = { words: 8, differing: 0.22 }
/** Mean squared distance of timbres up to which two may be one sound: takes of a kind have about 2. */
const TIMBRE = 3

/** How many bits of a word are set. */
export const ones = (word: number): number => {
  let v = (word - ((word >>> 1) & 0x55555555)) | 0
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Every eighth word tells whether all are worth comparing: of unrelated sounds half of the bits differ. */
const SAMPLE = { step: 8, words: 12, differing: 0.45 }

/**
 * The share of bits that differ where `b` begins `offset` words after `a`, and over how many words that sound.
 *
 * @param step from one word that is compared to the next
 */
const differing = (
  a: Uint32Array,
  b: Uint32Array,
  offset: number,
  step = 1
): { readonly words: number; readonly share: number } => {
  let [words, bits] = [0, 0]
  const to = Math.min(a.length, b.length + offset)
  for (let n = Math.max(0, offset); n < to; n += step) {
    const x = a[n] ?? 0
    const y = b[n - offset] ?? 0
    if (x === 0 && y === 0) continue
    words++
    bits += ones(x ^ y)
  }
  return { words, share: words === 0 ? 1 : bits / (32 * words) }
}

/** The mean squared distance of two timbres; beyond {@link TIMBRE} it isn't added up to its end. Asked of millions of pairs. */
const timbreDistance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  if (a.length === 0 || a.length !== b.length) return Infinity
  const most = TIMBRE * a.length
  let sum = 0
  for (let n = 0; n < a.length && sum <= most; n++) sum += ((a[n] ?? 0) - (b[n] ?? 0)) ** 2
  return sum / a.length
}

/** Words by which one of two equal sounds may be late. */
export const REACH = Math.ceil(TRIM / HOP)

/** Whether two sounds may be one, by timbre and length. */
export const isAlike = (a: ComparedSound, b: ComparedSound): boolean =>
  Math.abs(a.seconds - b.seconds) <= TRIM &&
  Math.min(a.seconds, b.seconds) >= 0.5 * Math.max(a.seconds, b.seconds) &&
  timbreDistance(a.timbre, b.timbre) <= TIMBRE

/** Whether the fingerprints of two sounds fit where `b` begins `offset` words after `a`. */
export const fitsAt = (a: ComparedSound, b: ComparedSound, offset: number): boolean => {
  const sample = differing(a.words, b.words, offset, SAMPLE.step)
  if (sample.words >= SAMPLE.words && sample.share > SAMPLE.differing) return false
  const { share, words } = differing(a.words, b.words, offset)
  if (words < 0.6 * Math.min(a.words.length, b.words.length)) return false
  return (words >= MANY.words && share <= MANY.differing) || (words >= FEW.words && share <= FEW.differing)
}

/** Whether two sounds are one, by fingerprint, timbre and length. */
export const isNear = (a: ComparedSound, b: ComparedSound): boolean => {
  if (!isAlike(a, b)) return false
  for (let offset = -REACH; offset <= REACH; offset++) if (fitsAt(a, b, offset)) return true
  return false
}
