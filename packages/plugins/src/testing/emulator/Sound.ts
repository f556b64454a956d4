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
const bits = Math.log2(size)
const turn = (2 * Math.PI) / size
const cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos(turn * i))
const sines = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin(turn * i))
const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (size - 1)))
const reversed = Uint16Array.from({ length: size }, (_, i) => {
  let other = 0
  for (let bit = 0; bit < bits; bit++) other |= ((i >> bit) & 1) << (bits - 1 - bit)
  return other
})

/** Adds the powers of a real signal's spectrum to `sum`, by a radix-2 FFT of `size` points. */
const addSpectrum = (samples: Float32Array, from: number, sum: Float64Array): void => {
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  for (let i = 0; i < size; i++) re[reversed[i] ?? 0] = (samples[from + i] ?? 0) * (hann[i] ?? 0)
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2
    const step = size / length
    for (let start = 0; start < size; start += length)
      for (let k = 0; k < half; k++) {
        const cos = cosines[k * step] ?? 0
        const sin = sines[k * step] ?? 0
        const a = start + k
        const b = a + half
        const tr = (re[b] ?? 0) * cos - (im[b] ?? 0) * sin
        const ti = (re[b] ?? 0) * sin + (im[b] ?? 0) * cos
        re[b] = (re[a] ?? 0) - tr
        im[b] = (im[a] ?? 0) - ti
        re[a] = (re[a] ?? 0) + tr
        im[a] = (im[a] ?? 0) + ti
      }
  }
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (re[i] ?? 0) ** 2 + (im[i] ?? 0) ** 2
}

/** Hz of the strongest tone in the third of the sound, when it holds a good part of the energy there. */
const toneIn = ({ rate, samples }: Sound, from: number, to: number): number | undefined => {
  const frames = Math.max(1, Math.min(8, Math.floor((to - from) / size)))
  const sum = new Float64Array(size / 2)
  for (let frame = 0; frame < frames; frame++)
    addSpectrum(samples, from + Math.max(0, Math.floor(((to - from - size) * frame) / Math.max(1, frames - 1))), sum)
  let peak = 2
  let total = 0
  for (let i = 2; i < sum.length; i++) {
    total += sum[i] ?? 0
    if ((sum[i] ?? 0) > (sum[peak] ?? 0)) peak = i
  }
  const [left, middle, right] = [sum[peak - 1] ?? 0, sum[peak] ?? 0, sum[peak + 1] ?? 0]
  if (total < 1e-6 || left + middle + right < total * 0.25) return undefined
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
