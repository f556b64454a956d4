import { randomFrom } from "../testing/Synthesis.js"

type Voice = "bass" | "snare" | "hat" | "click" | "accent" | "tick"

/** Beats of one round, and what sounds where in it. */
interface Round {
  readonly beats: number
  readonly steps: ReadonlyArray<readonly [beat: number, ...voices: ReadonlyArray<Voice>]>
}

const backbeat = (...hats: ReadonlyArray<number>): Round["steps"] => [
  [0, "bass", "hat"],
  ...hats.map((at) => [at, "hat"] as const),
  [1, "snare", "hat"],
  ...hats.map((at) => [1 + at, "hat"] as const)
]

const rounds = {
  clicks: { beats: 1, steps: [[0, "click"]] },
  "clicks, accented": {
    beats: 4,
    steps: [
      [0, "accent"],
      [1, "click"],
      [2, "click"],
      [3, "click"]
    ]
  },
  "bass drum": { beats: 1, steps: [[0, "bass"]] },
  "bass and snare": {
    beats: 2,
    steps: [
      [0, "bass"],
      [1, "snare"]
    ]
  },
  eighths: { beats: 2, steps: backbeat(0.5) },
  sixteenths: { beats: 2, steps: backbeat(0.25, 0.5, 0.75) },
  "four on the floor": {
    beats: 1,
    steps: [
      [0, "bass"],
      [0.5, "hat"]
    ]
  },
  shuffle: { beats: 2, steps: backbeat(2 / 3) },
  waltz: {
    beats: 3,
    steps: [
      [0, "bass", "hat"],
      [0.5, "hat"],
      [1, "snare", "hat"],
      [1.5, "hat"],
      [2, "snare", "hat"],
      [2.5, "hat"]
    ]
  },
  subdivided: {
    beats: 1,
    steps: [
      [0, "click"],
      [0.5, "tick"]
    ]
  },
  broken: {
    beats: 4,
    steps: [
      [0, "bass", "hat"],
      [0.5, "hat"],
      [1, "snare", "hat"],
      [1.5, "hat"],
      [2, "bass", "hat"],
      [2.5, "bass", "hat"],
      [3, "snare", "hat"],
      [3.5, "hat"]
    ]
  },
  "half time": {
    beats: 4,
    steps: [
      [0, "bass", "hat"],
      [0.5, "hat"],
      [1, "hat"],
      [1.5, "hat"],
      [2, "snare", "hat"],
      [2.5, "hat"],
      [3, "hat"],
      [3.5, "bass", "hat"]
    ]
  },
  "two-step": {
    beats: 4,
    steps: [
      [0, "bass", "hat"],
      [0.5, "hat"],
      [1, "snare", "hat"],
      [1.5, "hat"],
      [2, "hat"],
      [2.5, "bass", "hat"],
      [3, "snare", "hat"],
      [3.5, "hat"]
    ]
  },
  clave: {
    beats: 4,
    steps: [
      [0, "click"],
      [0.75, "click"],
      [1.5, "click"],
      [2.5, "click"],
      [3, "click"]
    ]
  }
} as const satisfies Readonly<Record<string, Round>>

export type Pattern = keyof typeof rounds

export const patterns: ReadonlyArray<Pattern> = [
  "clicks",
  "clicks, accented",
  "bass drum",
  "bass and snare",
  "eighths",
  "sixteenths",
  "four on the floor",
  "shuffle",
  "waltz",
  "subdivided",
  "broken",
  "half time",
  "two-step",
  "clave"
]

const turn = 2 * Math.PI

/** One stroke of each voice. */
const kit = (rate: number, random: () => number): Readonly<Record<Voice, Float32Array>> => {
  const stroke = (seconds: number, sample: (time: number) => number) =>
    Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => sample(i / rate))
  const noise = () => random() * 2 - 1
  const click = (loud: number, hertz: number) => (t: number) => loud * Math.exp(-150 * t) * Math.sin(turn * hertz * t)
  return {
    bass: stroke(0.25, (t) => 0.8 * Math.exp(-18 * t) * Math.sin(turn * (50 + 60 * Math.exp(-40 * t)) * t)),
    snare: stroke(0.2, (t) => 0.5 * Math.exp(-22 * t) * (0.8 * noise() + 0.4 * Math.sin(turn * 190 * t))),
    hat: stroke(0.06, (t) => 0.18 * Math.exp(-90 * t) * noise()),
    click: stroke(0.025, click(0.7, 1000)),
    tick: stroke(0.025, click(0.3, 1000)),
    accent: stroke(0.025, click(0.9, 1600))
  }
}

/** A loop of generated drums or clicks, from -1 to 1. */
export const drumLoop = (pattern: Pattern, beatsPerMinute: number, seconds: number, rate: number): Float32Array => {
  const voices = kit(rate, randomFrom(5))
  const samples = new Float32Array(Math.round(seconds * rate))
  const { beats, steps }: Round = rounds[pattern]
  for (let bar = 0; (bar * beats * 60) / beatsPerMinute < seconds; bar++)
    for (const [beat, ...played] of steps) {
      const at = Math.round(((bar * beats + beat) * 60 * rate) / beatsPerMinute)
      for (const voice of played)
        for (const [i, sample] of voices[voice].entries())
          if (at + i < samples.length) samples[at + i] = Math.max(-1, Math.min(1, (samples[at + i] ?? 0) + sample))
    }
  return samples
}
