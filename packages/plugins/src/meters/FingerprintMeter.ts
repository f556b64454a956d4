import { createHash } from "node:crypto"
import { Decimator } from "./Decimator.js"
import { fourier } from "./Fourier.js"
import type { MakeMeter } from "./Meter.js"
import { BLOCK } from "./Pcm.js"

const WINDOW = 2048
/** Seconds between two windows. */
const HOP = 0.046
/** Seconds that are taken: what two recordings have in common shows in them. */
const ENOUGH = 30
/** Bands whose energies are compared, on a scale of equal steps, and the Hz that they reach from and to. */
const BANDS = 33
const LOWEST = 200
const HIGHEST = 3900
/** Where nothing sounds (80 dB under full scale) every bit would be chance. */
const SILENT = 1e-8

/**
 * What a sound can be known again by. Rows: first one with the hash of its samples, as 24 bits hold them, in eight words; then one for
 * each window with 32 bits: whether the energy between two neighbouring bands grew against the window before (after Haitsma and Kalker,
 * 2002). The bits survive a codec and another level; windows that are silent have 0.
 */
export const fingerprintMeter: MakeMeter = ({ channels: width, sampleRate }, kernels) => {
  const hash = createHash("sha256").update(`${width} ${sampleRate}`)
  const decimator = new Decimator(sampleRate, kernels)
  const rate = sampleRate / decimator.factor
  const hop = Math.round(HOP * rate)
  const { input, powers, transform } = fourier(kernels, WINDOW)
  const edges = Array.from({ length: BANDS + 1 }, (_, n) =>
    Math.round((LOWEST * (HIGHEST / LOWEST) ** (n / BANDS) * WINDOW) / rate)
  )
  const held = new Float32Array(Math.ceil(ENOUGH * rate) + WINDOW)
  let count = 0
  const whole = new Int32Array(BLOCK * width)

  return {
    take: ({ channels, count: length, fold }) => {
      for (const [n, { samples }] of channels.entries())
        for (let i = 0; i < length; i++) whole[i * width + n] = Math.round((samples[i] ?? 0) * 8_388_608)
      hash.update(new Uint8Array(whole.buffer, 0, 4 * length * width))
      if (count === held.length) return
      const { even, odd } = fold()
      kernels.loops.mix(even, 1 / width, odd, 1 / width, length, decimator.next)
      const left = decimator.see(length).subarray(0, held.length - count)
      held.set(left, count)
      count += left.length
    },
    finish: () => {
      const digest = hash.digest()
      const rows: Array<Record<string, number>> = [
        Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`hash${n}`, digest.readUInt32BE(4 * n)]))
      ]
      let before: Float64Array | undefined
      for (let at = 0; at + WINDOW <= count || (at === 0 && count > 0); at += hop) {
        input.fill(0).set(held.subarray(at, Math.min(count, at + WINDOW)))
        transform()
        const energies = Float64Array.from({ length: BANDS }, (_, band) => {
          let sum = 0
          const from = edges[band] ?? 0
          for (let bin = from; bin < Math.max(from + 1, edges[band + 1] ?? 0); bin++) sum += powers[bin] ?? 0
          return sum
        })
        if (before !== undefined) rows.push({ bits: energies.some((energy) => energy > SILENT) ? bitsOf(energies, before) : 0 })
        before = energies
      }
      return { values: {}, rows }
    }
  }
}

const bitsOf = (now: Float64Array, before: Float64Array): number => {
  let bits = 0
  for (let band = 0; band < BANDS - 1; band++) {
    const change = (now[band] ?? 0) - (now[band + 1] ?? 0) - ((before[band] ?? 0) - (before[band + 1] ?? 0))
    if (change > 0) bits |= 1 << band
  }
  return bits >>> 0
}
