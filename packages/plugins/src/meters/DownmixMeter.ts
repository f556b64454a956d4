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
    take: ({ channels, fold }) => {
      for (const [number, { squares }] of channels.entries()) powers[number] = (powers[number] ?? 0) + squares
      if (width === 1) return
      const folded = fold()
      summed += folded.summed
      flipped += folded.flipped
    },
    finish: () => {
      const all = powers.reduce((sum, power) => sum + power, 0)
      const loudest = powers.reduce((best, power, number) => (power > (powers[best] ?? 0) ? number : best), 0)
      const lost = (power: number) => (all === 0 || width === 1 ? 0 : Math.min(200, 10 * Math.log10(all / power)))
      return { values: finite({ loss: lost(summed), flippedLoss: lost(flipped), loudest }), rows: [] }
    }
  }
}
