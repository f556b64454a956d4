import { finite, type MakeMeter } from "./Meter.js"

/**
 * What a plain sum of all channels loses against what unrelated channels would keep, in dB (`loss`), the same for the sum with every
 * second channel turned over (`flippedLoss`), and the channel with the most power (`loudest`, from 0).
 */
export const downmixMeter: MakeMeter = ({ channels: width }) => {
  const powers = new Float64Array(width)
  let summed = 0
  let flipped = 0
  return {
    take: ({ channels, count }) => {
      for (const [number, samples] of channels.entries()) {
        let power = 0
        for (let i = 0; i < count; i++) power += (samples[i] ?? 0) ** 2
        powers[number] = (powers[number] ?? 0) + power
      }
      if (width === 1) return
      for (let i = 0; i < count; i++) {
        let even = 0
        let odd = 0
        for (let number = 0; number < width; number++) {
          const sample = channels[number]?.[i] ?? 0
          if (number % 2 === 0) even += sample
          else odd += sample
        }
        summed += (even + odd) * (even + odd)
        flipped += (even - odd) * (even - odd)
      }
    },
    finish: () => {
      const all = powers.reduce((sum, power) => sum + power, 0)
      const loudest = powers.reduce((best, power, number) => (power > (powers[best] ?? 0) ? number : best), 0)
      const lost = (power: number) => (all === 0 || width === 1 ? 0 : Math.min(200, 10 * Math.log10(all / power)))
      return { values: finite({ loss: lost(summed), flippedLoss: lost(flipped), loudest }), rows: [] }
    }
  }
}
