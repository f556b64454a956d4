import { describe, expect, it } from "@effect/vitest"
import { randomFrom, render } from "../testing/Synthesis.js"
import { markdown } from "./markdown.fixture.js"
import { measure, sine } from "./measure.fixture.js"

const RATE = 48_000
const quality = (...channels: ReadonlyArray<Float32Array>) => measure({ _tag: "Quality" }, channels).values

/** Sounds on top of each other. */
const mixed = (...sounds: ReadonlyArray<Float32Array>): Float32Array =>
  Float32Array.from({ length: sounds[0]?.length ?? 0 }, (_, i) => sounds.reduce((sum, sound) => sum + (sound[i] ?? 0), 0))
const scaled = (sound: Float32Array, factor: number) => sound.map((sample) => sample * factor)
/** White noise with this RMS level. */
const white = (seconds: number, decibels: number, seed = 7): Float32Array => {
  const random = randomFrom(seed)
  const level = Math.sqrt(3) * 10 ** (decibels / 20)
  return Float32Array.from({ length: seconds * RATE }, () => level * (2 * random() - 1))
}
const rms = (sound: Float32Array) =>
  20 * Math.log10(Math.sqrt(sound.reduce((sum, sample) => sum + sample ** 2, 0) / sound.length))
/** A sound with white noise so many dB under it. */
const noisy = (sound: Float32Array, decibels: number) => mixed(sound, white(sound.length / RATE, rms(sound) - decibels))
/** What a steep low-pass filter leaves. */
const lowPassed = (sound: Float32Array, hertz: number): Float32Array => {
  const reach = 200
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, n) => {
    const x = (2 * Math.PI * hertz * (n - reach)) / RATE
    const window = 0.42 + 0.5 * Math.cos((Math.PI * (n - reach)) / reach) + 0.08 * Math.cos((2 * Math.PI * (n - reach)) / reach)
    return ((x === 0 ? 1 : Math.sin(x) / x) * window * 2 * hertz) / RATE
  })
  const out = new Float32Array(sound.length)
  for (let i = 0; i < sound.length; i++) {
    let sum = 0
    for (let n = 0; n < taps.length; n++) sum += (taps[n] ?? 0) * (sound[i + n - reach] ?? 0)
    out[i] = sum
  }
  return out
}
/** As 16 bits hold it. */
const stored = (sound: Float32Array) => sound.map((sample) => Math.round(sample * 32_768) / 32_768)
/** Mains as they get into a cable: odd harmonics stronger, each weaker than the one before. */
const mains = (hertz: number, seconds: number, decibels: number) =>
  mixed(
    ...[1, 0.3, 0.5, 0.15, 0.2].map((share, n) => sine(hertz * (n + 1) + 0.02, seconds, RATE, share * 10 ** (decibels / 20), n))
  )
/** Notes of a bass, each held for a while: G1 and B1 lie near 50 and 60 Hz. */
const bass = (seconds: number) =>
  Float32Array.from({ length: seconds * RATE }, (_, i) => {
    const hertz = [49, 61.7, 73.4, 55][Math.floor(i / RATE / 0.7) % 4] ?? 0
    return [1, 0.5, 0.3].reduce((sum, share, n) => sum + 0.3 * share * Math.sin((2 * Math.PI * hertz * (n + 1) * i) / RATE), 0)
  })

const speech = render("speech", 8, RATE)
const music = render("chords", 8, RATE)

/** Signals, and what they were made with. */
const signals: ReadonlyArray<readonly [name: string, made: string, ...channels: ReadonlyArray<Float32Array>]> = [
  ["a tone", "noise 10 dB under it", noisy(sine(997, 8, RATE, 0.3), 10)],
  ["a tone", "noise 30 dB under it", noisy(sine(997, 8, RATE, 0.3), 30)],
  ["a tone", "noise 60 dB under it", noisy(sine(997, 8, RATE, 0.3), 60)],
  ["syllables with pauses", "noise 10 dB under them", noisy(speech, 10)],
  ["syllables with pauses", "noise 20 dB under them", noisy(speech, 20)],
  ["syllables with pauses", "noise 40 dB under them", noisy(speech, 40)],
  ["chords", "noise 20 dB under them", noisy(music, 20)],
  ["noise", "nothing else", white(8, -20)],
  ["noise up to 4 kHz", "low-pass at 4,000 Hz", stored(lowPassed(white(2, -20), 4000))],
  ["noise up to 11 kHz", "low-pass at 11,025 Hz", stored(lowPassed(white(2, -20), 11_025))],
  ["noise up to 16 kHz", "low-pass at 16,000 Hz", stored(lowPassed(white(2, -20), 16_000))],
  ["syllables with pauses", "50 Hz mains at -40 dBFS", mixed(noisy(speech, 40), mains(50, 8, -40))],
  ["syllables with pauses", "60 Hz mains at -40 dBFS", mixed(noisy(speech, 40), mains(60, 8, -40))],
  ["noise", "50 Hz mains at -50 dBFS", mixed(white(8, -50), mains(50, 8, -50))],
  ["noise", "60 Hz mains at -80 dBFS: under the noise", mixed(white(8, -30), mains(60, 8, -80))],
  ["chords", "50 Hz mains at -50 dBFS with music", mixed(music, mains(50, 8, -50))],
  ["chords", "60 Hz mains at -50 dBFS with music", mixed(music, mains(60, 8, -50))],
  ["drums", "50 Hz mains at -40 dBFS: under the hits", mixed(render("drums", 8, RATE), mains(50, 8, -40))],
  ["bass notes, 49 and 62 Hz among them", "no mains", stored(bass(8))],
  ["square wave of 100 Hz", "no mains: the same lines, told as mains", sine(100, 8).map((sample) => 0.2 * Math.sign(sample))],
  ["chords", "offset of 0.02", music.map((sample) => sample + 0.02)],
  ["chords, twice", "the same in both channels", music, music],
  ["syllables, twice", "noise at -70 dBFS in one of them", speech, mixed(speech, white(8, -70))],
  ["chords, turned over", "opposite phase", music, scaled(music, -1)],
  ["chords, right 6 dB lower", "balance of 6 dB", music, scaled(music, 0.5012)],
  ["chords and silence", "nothing in the right channel", music, new Float32Array(music.length)],
  ["two noises", "unrelated channels", white(4, -20, 1), white(4, -20, 2)]
]
const told = signals.map(([name, made, ...channels]) => ({ name, made, values: quality(...channels) }))
const of = (made: string) => told.filter((one) => one.made === made).map(({ values }) => values)

const page = (table: string) => `# Recording quality: generated signals and what is told of them

The stage \`quality\` measures these; nothing in it is trained. Signals last 2 to 8 seconds at 48 kHz.

${table}

Where it fails:

- **Signal to noise** takes what is steady in every band for noise: rain, applause and dense music have a low one though nothing is wrong with them. Noise that comes and goes with the sound isn't seen, and a lossy encoder that removes noise between words raises the figure.
- **Bandwidth** is where something was recorded at all, be it 90 dB under the loudest part; of what is quieter than 16 bits can hold it says nothing. A **cutoff** needs sound right up to the edge: a file that was cut above its highest partial has none, and a pure tone ends where it is. A gentle filter leaves images above its edge: speech at 22,050 Hz that ffmpeg made 48,000 Hz has a cutoff of 12,100 Hz in the place of 11,025.
- **Hum** needs 1.5 seconds and lines that are there for three quarters of the time: a held synthetic tone at a multiple of 50 or 60 Hz (the square wave above) looks the same, and hum less than 12 dB over what sounds around it isn't told: nor is it under drums whose hits leave no 1.4 seconds free.
- **Clipping** counts samples at the full scale of the format: what was clipped and then made quieter isn't seen, nor is float.
- **Balance and correlation** are of files with two channels.
`

describe("QualityMeter", () => {
  it("tells the noise under tones and speech within 3 dB", () => {
    for (const decibels of [10, 20, 30, 40, 60])
      for (const { made, name, values } of told)
        if (made.startsWith(`noise ${decibels} dB`) && name !== "chords")
          expect.soft(Math.abs((values["snr"] ?? 0) - decibels), `${name}, ${made}: ${values["snr"]}`).toBeLessThan(3)
    expect(of("nothing else")[0]?.["snr"]).toBeLessThan(3)
  })

  it("tells where the spectrum ends, and whether it ends at once", () => {
    for (const hertz of [4000, 11_025, 16_000]) {
      const [values] = of(`low-pass at ${hertz.toLocaleString("en")} Hz`)
      expect.soft(Math.abs((values?.["cutoff"] ?? 0) - hertz), `${hertz}`).toBeLessThan(300)
      expect.soft(Math.abs((values?.["bandwidth"] ?? 0) - hertz), `${hertz}`).toBeLessThan(500)
    }
    expect(of("nothing else")[0]?.["bandwidth"]).toBeGreaterThan(23_500)
    for (const { made, values } of told) if (!made.startsWith("low-pass")) expect.soft(values["cutoff"], made).toBeUndefined()
  })

  it("hears the mains, and takes no bass for them", () => {
    for (const hertz of [50, 60] as const)
      for (const decibels of [-40, -50])
        for (const values of of(`${hertz} Hz mains at ${decibels} dBFS`)) {
          expect.soft(values["mains"]).toBe(hertz)
          expect.soft(Math.abs((values["hum"] ?? 0) - (decibels + 1.4))).toBeLessThan(2)
        }
    for (const { made, values } of told) if (!/\d0 Hz mains|mains:/.test(made)) expect.soft(values["hum"], made).toBeUndefined()
    expect(of("60 Hz mains at -80 dBFS: under the noise")[0]?.["hum"]).toBeUndefined()
  })

  it("hears the mains with music, and knows one channel in two through a little noise", () => {
    for (const hertz of [50, 60]) {
      const [values] = of(`${hertz} Hz mains at -50 dBFS with music`)
      expect.soft(values?.["mains"]).toBe(hertz)
      expect.soft(values?.["hum"]).toBeCloseTo(-49, -1)
    }
    expect(of("noise at -70 dBFS in one of them")[0]).toMatchObject({ balance: 0, correlation: 1 })
  })

  it("tells an offset, the balance of two channels, and what they have in common", () => {
    expect(of("offset of 0.02")[0]?.["offset"]).toBeCloseTo(0.02, 3)
    expect(of("the same in both channels")[0]).toMatchObject({ balance: 0, correlation: 1 })
    expect(of("opposite phase")[0]).toMatchObject({ balance: 0, correlation: -1 })
    expect(of("balance of 6 dB")[0]?.["balance"]).toBeCloseTo(6, 1)
    expect(of("nothing in the right channel")[0]).toMatchObject({ balance: 120 })
    expect(of("nothing in the right channel")[0]?.["correlation"]).toBeUndefined()
    expect(Math.abs(of("unrelated channels")[0]?.["correlation"] ?? 1)).toBeLessThan(0.01)
    expect(quality(music)["balance"]).toBeUndefined()
  })

  it("is as the table in docs/ says", async () => {
    const cell = (value: number | undefined, digits = 0) =>
      value === undefined ? "–" : value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1")
    const rows = told.map(({ made, name, values: { balance, bandwidth, correlation, cutoff, hum, mains, offset = 0, snr } }) => [
      name,
      made,
      cell(snr),
      cell(bandwidth),
      cell(cutoff),
      hum === undefined ? "–" : `${cell(hum)} (${mains} Hz)`,
      cell(offset, 3),
      cell(balance, 1),
      cell(correlation, 2)
    ])
    const head = [
      "sound",
      "made with",
      "snr (dB)",
      "bandwidth (Hz)",
      "cutoff (Hz)",
      "hum (dBFS)",
      "offset",
      "balance (dB)",
      "correlation"
    ]
    await expect(page(markdown([head, ...rows]))).toMatchFileSnapshot("../../../../docs/quality.md")
  })

  it("tells nothing of silence, and little of the shortest sounds", () => {
    expect(quality(new Float32Array(RATE))).toEqual({ offset: 0 })
    expect(quality(white(1, -20).subarray(0, 300))).not.toHaveProperty("hum")
    expect(quality(sine(50, 1))).not.toHaveProperty("hum")
  })
})
