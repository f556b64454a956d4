import { createHash } from "node:crypto"

/** Words that mean much the same here: enough for a search by meaning to find what a search by words doesn't. */
const groups = [
  "storm thunder thunderstorm lightning tempest gale",
  "rain raindrops drizzle downpour shower",
  "near nearer close closer approach approaching coming",
  "far distant remote away",
  "loud noisy strong",
  "quiet silent silence calm soft",
  "music melody song tune chords harmony musical",
  "drum drums beat beats rhythm pulse percussion",
  "speech voice talk talking speak speaking spoken words",
  "tone sine beep pitch",
  "noise hiss static noisiness",
  "bright shrill sharp",
  "dark dull low deep"
].map((group) => group.split(" "))

const nothing = new Set("a an and are at by from in is it its of on or that the there this to with was were".split(" "))

/** The word itself, or what stands for its group. */
const meaningOf = (word: string): string =>
  groups.find((group) => group.includes(word))?.[0] ?? word.replace(/(ing|es|s|ed|ly)$/, "")

/** Numbers from -1 to 1, the same for the same word. */
const direction = (word: string, dimensions: number): Float64Array => {
  const numbers = new Float64Array(dimensions)
  for (let block = 0; block * 16 < dimensions; block++) {
    const bytes = createHash("sha256").update(`${block} ${word}`).digest()
    for (let n = 0; n < 16 && block * 16 + n < dimensions; n++) numbers[block * 16 + n] = bytes.readInt16LE(2 * n) / 32_768
  }
  return numbers
}

/** A vector of length 1: texts that share words, or words of a group, lie near each other. */
export const vectorOf = (text: string, dimensions: number): ReadonlyArray<number> => {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const counts = new Map<string, number>()
  for (const word of words) {
    const weight = nothing.has(word) ? 0.05 : 1
    const meaning = meaningOf(word)
    counts.set(meaning, (counts.get(meaning) ?? 0) + weight)
  }
  const sum = new Float64Array(dimensions)
  for (const [meaning, count] of counts)
    for (const [n, value] of direction(meaning, dimensions).entries()) sum[n] = (sum[n] ?? 0) + Math.sqrt(count) * value
  const length = Math.hypot(...sum)
  return Array.from(sum, (value) => Math.round((1e7 * value) / (length === 0 ? 1 : length)) / 1e7)
}
