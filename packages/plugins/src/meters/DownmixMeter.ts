import { weights } from "./LoudnessMeter.js"
import { finite, type MakeMeter } from "./Meter.js"
import { BLOCK } from "./Pcm.js"

/** Seconds of a stretch that is judged by itself: channels may be in opposite phase for a part of the time. */
const STRETCH = 0.4
/** Power under the loudest stretch (40 dB) at which nothing counts as heard. */
const HEARD = 1e-4
/** Share of the channels' power that is left of a stretch that was lost: of a sum 3 dB less, of one channel 10 dB. */
const SUMMED = 0.5
const ALONE = 0.1
/** Share of the power in low-frequency channels, which FFmpeg's matrix leaves out, from which they are the sound. */
const LOW = 0.9

/** A stretch's power: of all channels, of the low-frequency ones, of the sum, of the sum with every second one turned over, of each. */
interface Stretch {
  all: number
  low: number
  summed: number
  flipped: number
  readonly each: Float64Array
}

/**
 * What a plain sum of all channels loses against what unrelated channels would keep, in dB (`loss`), the same for the sum with every
 * second channel turned over (`flippedLoss`), and the channel with the most power (`loudest`, from 0); of each of the three the share of
 * the time, 0 to 1, in which it loses what is heard (`lost`, `flippedLost`, `loudestLost`).
 */
export const downmixMeter: MakeMeter = (format) => {
  const { channels: width, sampleRate } = format
  const isLow = weights(format).map((weight) => weight === 0)
  const blocks = Math.max(1, Math.round((STRETCH * sampleRate) / BLOCK))
  const stretches: Array<Stretch> = []
  let taken = 0
  const next = (): Stretch => {
    const stretch = { all: 0, low: 0, summed: 0, flipped: 0, each: new Float64Array(width) }
    stretches.push(stretch)
    return stretch
  }
  return {
    take: ({ channels, fold }) => {
      if (width === 1) return
      const stretch = taken++ % blocks === 0 ? next() : (stretches.at(-1) ?? next())
      for (const [number, { squares }] of channels.entries()) {
        stretch.each[number] = (stretch.each[number] ?? 0) + squares
        stretch.all += squares
        if (isLow[number] === true) stretch.low += squares
      }
      const { flipped, summed } = fold()
      stretch.summed += summed
      stretch.flipped += flipped
    },
    finish: () => {
      const total = (of: (stretch: Stretch) => number) => stretches.reduce((sum, stretch) => sum + of(stretch), 0)
      const all = total((stretch) => stretch.all)
      const powers = Array.from({ length: width }, (_, number) => total(({ each }) => each[number] ?? 0))
      const loudest = powers.reduce((best, power, number) => (power > (powers[best] ?? 0) ? number : best), 0)
      const low = total((stretch) => stretch.low)
      const kept = (power: number) => (low > LOW * all ? Math.min(power, all - low) : power)
      const loss = (power: number) => (all === 0 ? 0 : Math.min(200, 10 * Math.log10(all / kept(power))))
      const most = stretches.reduce((most, stretch) => Math.max(most, stretch.all), 0)
      const heard = stretches.filter((stretch) => stretch.all > most * HEARD)
      const share = (isLost: (stretch: Stretch) => boolean) => heard.filter(isLost).length / Math.max(1, heard.length)
      return {
        values: finite({
          loss: loss(total(({ summed }) => summed)),
          flippedLoss: loss(total(({ flipped }) => flipped)),
          loudest,
          lost: share(({ all, low, summed }) => summed < SUMMED * all || low > LOW * all),
          flippedLost: share(({ all, flipped, low }) => flipped < SUMMED * all || low > LOW * all),
          loudestLost: share(({ all, each }) => (each[loudest] ?? 0) < ALONE * all)
        }),
        rows: []
      }
    }
  }
}
