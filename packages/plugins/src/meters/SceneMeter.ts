/** Pixels of the pictures that are compared; three bytes each: red, green, blue. */
export const WIDTH = 32
export const HEIGHT = 18
const PIXELS = WIDTH * HEIGHT
const BYTES = 3 * PIXELS

/** A stretch without a cut. */
export interface Scene {
  readonly startSeconds: number
  readonly endSeconds: number
  /** Means of the scene, 0 to 255. */
  readonly red: number
  readonly green: number
  readonly blue: number
  /** Mean change from one picture to the next, 0 to 1 a second: 0 for a still. */
  readonly motion: number
  /** Whether nothing is to be seen in it. */
  readonly isBlack: boolean
}

export interface Measuring {
  readonly rate: number
  readonly threshold: number
  readonly minimumSeconds: number
  readonly startSeconds: number
}

/** Means under which a picture is black; what is coded as black comes out as 0 to 4. */
const BLACK = 12
/** Brightest pixel of a black picture: a title on black is no black picture. */
const LIT = 48
/** Bins of a channel's histogram. */
const BINS = 8

/** The mean difference of two pictures' pixels, 0 to 1. */
const difference = (bytes: Uint8Array, a: number, b: number): number => {
  let sum = 0
  for (let n = 0; n < BYTES; n++) sum += Math.abs((bytes[a + n] ?? 0) - (bytes[b + n] ?? 0))
  return sum / (255 * BYTES)
}

const histogram = (bytes: Uint8Array, at: number, counts: Uint16Array): Uint16Array => {
  counts.fill(0)
  for (let n = 0; n < BYTES; n++) {
    const bin = (n % 3) * BINS + ((bytes[at + n] ?? 0) >> 5)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

/** The share of pixels that have another colour, wherever they are, 0 to 1: what only moves has the same ones. */
const recoloured = (a: Uint16Array, b: Uint16Array): number => {
  let sum = 0
  for (let n = 0; n < a.length; n++) sum += Math.abs((a[n] ?? 0) - (b[n] ?? 0))
  return sum / (2 * BYTES)
}

const isBlackAt = (bytes: Uint8Array, at: number): boolean => {
  let [sum, most] = [0, 0]
  for (let n = 0; n < BYTES; n++) {
    const value = bytes[at + n] ?? 0
    sum += value
    if (value > most) most = value
  }
  return sum / BYTES < BLACK && most < LIT
}

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/**
 * Scenes of small pictures at a steady rate: a cut is where pixels and colours change together, and more than they do around it, so
 * that no pan is one; nor is a flash, after which the picture is as it was. A change to or from black is a cut too.
 */
export const measure = (
  bytes: Uint8Array,
  { minimumSeconds, rate, startSeconds, threshold }: Measuring
): { readonly scenes: ReadonlyArray<Scene>; readonly pictures: number } => {
  const pictures = Math.floor(bytes.length / BYTES)
  const changes = new Float64Array(pictures)
  const black = Array.from({ length: pictures }, (_, n) => isBlackAt(bytes, n * BYTES))
  let [before, now] = [new Uint16Array(3 * BINS), new Uint16Array(3 * BINS)]
  if (pictures > 0) histogram(bytes, 0, before)
  const colours = new Float64Array(pictures)
  for (let n = 1; n < pictures; n++) {
    changes[n] = difference(bytes, (n - 1) * BYTES, n * BYTES)
    histogram(bytes, n * BYTES, now)
    colours[n] = recoloured(before, now)
    ;[before, now] = [now, before]
  }
  const isChange = (n: number): boolean => {
    if (black[n] !== black[n - 1]) return true
    const score = ((changes[n] ?? 0) + (colours[n] ?? 0)) / 2
    const around = Math.max(changes[n - 1] ?? 0, changes[n + 1] ?? 0)
    return score > threshold && (changes[n] ?? 0) > 1.5 * around
  }
  /** The picture in which what was there before is back, too soon for a scene between: after a flash, or what passed by. */
  const backAt = (n: number): number | undefined => {
    histogram(bytes, (n - 1) * BYTES, before)
    for (let m = n + 1; m < pictures && (m - n) / rate < minimumSeconds - 1e-9; m++) {
      histogram(bytes, m * BYTES, now)
      const score = (difference(bytes, (n - 1) * BYTES, m * BYTES) + recoloured(before, now)) / 2
      if (score <= threshold && black[m] === black[n - 1]) return m
    }
    return undefined
  }
  const starts = [0]
  for (let n = 1; n < pictures; n++) {
    if (!isChange(n)) continue
    const back = backAt(n)
    if (back !== undefined) n = back
    else if ((n - (starts.at(-1) ?? 0)) / rate >= minimumSeconds - 1e-9) starts.push(n)
  }
  const scene = (from: number, to: number): Scene => {
    const sums = [0, 0, 0]
    for (let n = from * BYTES; n < to * BYTES; n++) sums[n % 3] = (sums[n % 3] ?? 0) + (bytes[n] ?? 0)
    const mean = (channel: number) => Math.round((sums[channel] ?? 0) / Math.max(1, (to - from) * PIXELS))
    const moved = changes.subarray(from + 1, to).reduce((sum, change) => sum + change, 0)
    return {
      startSeconds: rounded(startSeconds + from / rate, 3),
      endSeconds: rounded(startSeconds + to / rate, 3),
      red: mean(0),
      green: mean(1),
      blue: mean(2),
      motion: to - from < 2 ? 0 : rounded((rate * moved) / (to - from - 1), 3),
      isBlack: black.slice(from, to).every((one) => one)
    }
  }
  return { pictures, scenes: pictures === 0 ? [] : starts.map((from, n) => scene(from, starts[n + 1] ?? pictures)) }
}
