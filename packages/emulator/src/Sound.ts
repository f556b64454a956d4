import { Fourier } from "@mediaspool/plugins"

/** One channel of sound. */
export interface Sound {
  /** From -1 to 1. */
  readonly samples: Float32Array
  /** Hz */
  readonly rate: number
}

/** What can honestly be said of a sound without understanding it. */
export interface Heard {
  readonly seconds: number
  /** dBFS of the root mean square; absent for digital silence. */
  readonly level: number | undefined
  /** 0 to 1: the share of the time under -50 dBFS. */
  readonly silence: number
  /** Hz of the strongest tone at the beginning, in the middle and at the end; absent where none stands out. */
  readonly tones: readonly [number | undefined, number | undefined, number | undefined]
}

const size = 4096
const magnitudes = Fourier.magnitudes(size)

/** Hz of the strongest tone in the third of the sound, when it holds a good part of the energy there. */
const toneIn = ({ rate, samples }: Sound, from: number, to: number): number | undefined => {
  const frames = Math.max(1, Math.min(8, Math.floor((to - from) / size)))
  const sum = new Float64Array(size / 2)
  const spectrum = new Float32Array(size / 2)
  for (let frame = 0; frame < frames; frame++) {
    magnitudes(samples, from + Math.max(0, Math.floor(((to - from - size) * frame) / Math.max(1, frames - 1))), spectrum)
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (spectrum[i] ?? 0) ** 2
  }
  let peak = 2
  let total = 0
  for (let i = 2; i < sum.length; i++) {
    total += sum[i] ?? 0
    if ((sum[i] ?? 0) > (sum[peak] ?? 0)) peak = i
  }
  const [left, middle, right] = [sum[peak - 1] ?? 0, sum[peak] ?? 0, sum[peak + 1] ?? 0]
  if (total < 1e-12 || left + middle + right < total * 0.25) return undefined
  const [a, b, c] = [Math.sqrt(left), Math.sqrt(middle), Math.sqrt(right)]
  const shift = a - 2 * b + c === 0 ? 0 : (0.5 * (a - c)) / (a - 2 * b + c)
  return Math.round(((peak + shift) * rate) / size)
}

const decibels = (power: number): number | undefined => (power <= 0 ? undefined : 10 * Math.log10(power))

/** Measures a sound. The same sound gives the same, and an encoder's small change a small one. */
export const listen = (sound: Sound): Heard => {
  const { rate, samples } = sound
  const frame = Math.max(1, Math.round(rate / 20))
  let power = 0
  let quiet = 0
  let frames = 0
  for (let from = 0; from < samples.length; from += frame) {
    const to = Math.min(samples.length, from + frame)
    let sum = 0
    for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2
    power += sum
    frames += 1
    if (sum / (to - from) < 1e-5) quiet += 1
  }
  const third = Math.floor(samples.length / 3)
  return {
    seconds: samples.length / rate,
    level: decibels(power / Math.max(1, samples.length)),
    silence: frames === 0 ? 1 : quiet / frames,
    tones: [toneIn(sound, 0, third), toneIn(sound, third, 2 * third), toneIn(sound, 2 * third, samples.length)]
  }
}
