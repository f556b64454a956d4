// Fingerprints of many files that are all about equally long, the hardest case: how long it takes to find the ones that are nearly the
// same, against comparing each pair (measured over the first 400 of them), and how many of the copies are found.
//   node benchmarks/duplicates.mjs [files]
import { NearSounds } from "@mediaspool/plugins"
import { figure } from "./Figure.mjs"

const count = Number(process.argv[2] ?? 100_000)
/** Ten seconds of words. */
const WORDS = 217
const DIMENSIONS = 38
/** Every so many-th file is a copy of another one. */
const EVERY = 50
/** Share of bits in which copies through codecs differ from what they were made of. */
const DIFFERING = [0.05, 0.1, 0.15, 0.2, 0.25]

let state = 1
/** Numbers from 0 to 1, the same every time. */
const random = () => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}
const word = () => (random() * 4_294_967_296) >>> 0
const flipped = (bits, share) => {
  let mask = 0
  for (let bit = 0; bit < 32; bit++) if (random() < share) mask |= 1 << bit
  return (bits ^ mask) >>> 0
}

// All of one kind, so that no timbre tells them apart.
const timbre = Array.from({ length: DIMENSIONS }, random)
const print = (mediaId, words) => ({ mediaId, audioHash: String(mediaId), words, timbre, seconds: 10 + random() })
const prints = []
const copies = []
for (let n = 0; n < count; n++) {
  const of = n % EVERY === EVERY - 1 ? prints[n - 1 - Math.floor(random() * (EVERY - 1))] : undefined
  if (of !== undefined) {
    const share = DIFFERING[copies.length % DIFFERING.length]
    const late = Math.floor(20 * random())
    copies.push({ pair: `${of.mediaId} ${n}`, share })
    prints.push(
      print(
        n,
        Uint32Array.from({ length: WORDS }, (_, i) => (i < late ? word() : flipped(of.words[i - late], share)))
      )
    )
  } else prints.push(print(n, Uint32Array.from({ length: WORDS }, word)))
}

/** In seconds of a processor: what others do on the machine says nothing here. */
const timed = (use) => {
  const began = process.cpuUsage()
  const result = use()
  const { system, user } = process.cpuUsage(began)
  return { result, seconds: (system + user) / 1e6 }
}
const few = prints.slice(0, Math.min(400, count))
const each = timed(() => NearSounds.pairs(few, Infinity))
const ours = timed(() => NearSounds.pairs(prints, 0))
const found = new Set(ours.result.map(([a, b]) => `${Math.min(a.mediaId, b.mediaId)} ${Math.max(a.mediaId, b.mediaId)}`))
for (const share of DIFFERING) {
  const own = copies.filter((copy) => copy.share === share)
  const part = own.filter(({ pair }) => found.has(pair)).length / own.length
  console.log(`copies that differ in ${100 * share} % of their bits: ${(100 * part).toFixed(1)} % found`)
}
const whole = (each.seconds * (count * (count - 1))) / (few.length * (few.length - 1))
const met = [
  figure({
    name: `near duplicates among ${count} files of one length, against comparing each pair`,
    ratio: ours.seconds / whole,
    atMost: 0.02,
    detail: `${ours.seconds.toFixed(1)} s, about ${whole.toFixed(0)} s`
  }),
  figure({
    name: "pairs that are none",
    ratio: ours.result.length - copies.filter(({ pair }) => found.has(pair)).length,
    atMost: 0
  })
]
process.exitCode = met.every(Boolean) ? 0 : 1
