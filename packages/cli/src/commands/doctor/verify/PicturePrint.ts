import { decode } from "jpeg-js"

/** What pictures look like: a few pixels of each, in red, green and blue, one picture after the other. */
export interface PicturePrint {
  readonly bytes: Uint8Array
  /** Bytes of a picture. */
  readonly stride: number
}

/** Pictures by which a copy may be shifted. */
const SHIFT = 1
/** Pixels of a still's print. */
const [WIDTH, HEIGHT] = [32, 18]
/** Megapixels and megabytes of the largest still that a stage makes. */
const LIMITS = { maxResolutionInMP: 40, maxMemoryUsageInMB: 512 }

const difference = (a: Uint8Array, b: Uint8Array): number => {
  const count = Math.min(a.length, b.length)
  let sum = 0
  for (let n = 0; n < count; n++) sum += Math.abs((a[n] ?? 0) - (b[n] ?? 0))
  return count === 0 ? 1 : sum / (255 * count)
}

/** How much two rows of pictures differ, 0 to 1: copies by less than 0.03, two scenes mostly by more than 0.1. */
export const distance = (a: PicturePrint, b: PicturePrint): number => {
  let least = 1
  for (let shift = -SHIFT; shift <= SHIFT; shift++) {
    const [from, to] = [Math.max(0, shift) * a.stride, Math.max(0, -shift) * b.stride]
    if (from < a.bytes.length && to < b.bytes.length)
      least = Math.min(least, difference(a.bytes.subarray(from), b.bytes.subarray(to)))
  }
  return least
}

/** The print of a JPEG: means of its pixels' areas. Throws what the decoder throws of one that is damaged. */
export const ofJpeg = (jpeg: Uint8Array): PicturePrint => {
  const { data, height, width } = decode(jpeg, { useTArray: true, formatAsRGBA: false, ...LIMITS })
  const sums = new Float64Array(3 * WIDTH * HEIGHT)
  const counts = new Float64Array(WIDTH * HEIGHT)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const area = Math.floor((y * HEIGHT) / height) * WIDTH + Math.floor((x * WIDTH) / width)
      counts[area] = (counts[area] ?? 0) + 1
      for (let colour = 0; colour < 3; colour++)
        sums[3 * area + colour] = (sums[3 * area + colour] ?? 0) + (data[3 * (y * width + x) + colour] ?? 0)
    }
  return { bytes: Uint8Array.from(sums, (sum, n) => sum / Math.max(1, counts[Math.floor(n / 3)] ?? 1)), stride: sums.length }
}
