/** What a sample sounds like. */
export type Sound = "tone" | "chords" | "drums" | "noise" | "sweep" | "silence" | "clipped" | "speech"

export const sounds: ReadonlyArray<Sound> = ["tone", "chords", "drums", "noise", "sweep", "silence", "clipped", "speech"]

/** Samples from -1 to 1; the same for the same arguments. */
type Voice = (count: number, rate: number, random: () => number) => Float32Array

const fill = (count: number, sample: (index: number) => number): Float32Array => {
  const samples = new Float32Array(count)
  for (let i = 0; i < count; i++) samples[i] = sample(i)
  return samples
}

/** Mulberry32: small, fast, and the same everywhere. From 0 to 1. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const turn = 2 * Math.PI
const sine = (hertz: number, rate: number) => (i: number) => Math.sin((turn * hertz * i) / rate)

/** A4 at half of full scale. */
const tone: Voice = (count, rate) => {
  const wave = sine(440, rate)
  return fill(count, (i) => 0.5 * wave(i))
}

const progression = [
  [60, 64, 67],
  [57, 60, 64],
  [53, 57, 60],
  [55, 59, 62]
] // C, Am, F, G: C major

/** Four triads of one second each, over and over: 60 to the minute, in C major. */
const chords: Voice = (count, rate) =>
  fill(count, (i) => {
    const seconds = i / rate
    const notes = progression[Math.floor(seconds) % progression.length] ?? []
    const within = seconds % 1
    const envelope = Math.min(1, within * 50) * Math.exp(-1.5 * within)
    let sum = 0
    for (const note of notes) {
      const hertz = 440 * 2 ** ((note - 69) / 12)
      const phase = turn * hertz * within
      sum += Math.sin(phase) + 0.4 * Math.sin(2 * phase) + 0.15 * Math.sin(3 * phase)
    }
    return 0.18 * envelope * sum
  })

/** Kick, snare and hi-hat at 120 beats a minute. */
const drums: Voice = (count, rate, random) =>
  fill(count, (i) => {
    const seconds = i / rate
    const noise = random() * 2 - 1
    const beat = Math.floor(seconds * 2)
    const within = seconds - beat / 2
    const eighth = seconds % 0.25
    const kick = beat % 2 === 0 ? Math.exp(-18 * within) * Math.sin(turn * (50 * within + 6 * (1 - Math.exp(-30 * within)))) : 0
    const snare = beat % 2 === 1 ? Math.exp(-22 * within) * (0.6 * noise + 0.3 * Math.sin(turn * 190 * within)) : 0
    const hat = Math.exp(-90 * eighth) * 0.15 * noise
    return 0.8 * kick + 0.6 * snare + hat
  })

/** White. */
const noise: Voice = (count, _rate, random) => fill(count, () => 0.3 * (random() * 2 - 1))

/** 50 Hz to 7 kHz, rising by the same factor every second. */
const sweep: Voice = (count, rate) => {
  const growth = Math.log(7000 / 50) / (count / rate)
  return fill(count, (i) => 0.5 * Math.sin((turn * 50 * (Math.exp((growth * i) / rate) - 1)) / growth))
}

const silence: Voice = (count) => new Float32Array(count)

/** A tone driven far past full scale: long runs of full-scale samples. */
const clipped: Voice = (count, rate) => {
  const wave = sine(220, rate)
  return fill(count, (i) => Math.max(-1, Math.min(1, 3 * wave(i))))
}

const vowels = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410]
] // Hz of the first three formants: a, i, u, e, o

/** A second-order resonator at `hertz`, one step a call. */
const resonator = (rate: number) => {
  let y1 = 0
  let y2 = 0
  return (x: number, hertz: number): number => {
    const radius = Math.exp((-Math.PI * 90) / rate)
    const y = (1 - radius) * x + 2 * radius * Math.cos((turn * hertz) / rate) * y1 - radius * radius * y2
    y2 = y1
    y1 = y
    return y
  }
}

/** Four syllables a second, a pulse through formants with hiss between, and a pause after every two seconds. Says nothing. */
const speech: Voice = (count, rate, random) => {
  const formants = [resonator(rate), resonator(rate), resonator(rate)]
  let phase = 0
  return fill(count, (i) => {
    const seconds = i / rate
    const syllable = Math.floor(seconds * 4)
    const within = (seconds * 4) % 1
    const hiss = (random() * 2 - 1) * (within > 0.85 ? 0.05 : 0.002)
    const spoken = seconds % 2.6 < 2
    const envelope = spoken ? Math.sin(Math.PI * Math.min(1, within / 0.85)) : 0
    phase += (110 + 25 * Math.sin(turn * 0.6 * seconds)) / rate
    const pulse = phase >= 1 ? 1 : 0
    phase %= 1
    const vowel = vowels[(syllable * 3) % vowels.length] ?? []
    let sum = 0
    for (const [n, formant] of formants.entries()) sum += formant(pulse, vowel[n] ?? 500) / (n + 1)
    return 4 * envelope * sum + (spoken ? hiss : 0)
  })
}

const voices: Readonly<Record<Sound, Voice>> = { tone, chords, drums, noise, sweep, silence, clipped, speech }

/** One channel of a sound. */
export const render = (sound: Sound, seconds: number, rate: number, seed = 1): Float32Array =>
  voices[sound](Math.round(seconds * rate), rate, randomFrom(seed))
