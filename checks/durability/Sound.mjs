// Media for the checks: synthesised, small, and each a sound of its own, so that whatever was made from it can be told from others.
import { writeFileSync } from "node:fs"
import { join } from "node:path"

const RATE = 8_000
/** Tones lie so far apart, in Hz, that half a second of them tells them from each other. */
const STEP = 8
const STEPS = 180
const LOW = 300
const HIGH = 2_000
const LEVELS = [0.25, 0.4, 0.55, 0.7, 0.85]

/** Two tones and a level that no other number below 32,400 has: `low` and `high` in Hz, `level` of 1. */
export const marks = (number) => ({
  low: LOW + STEP * (number % STEPS),
  high: HIGH + STEP * (Math.floor(number / STEPS) % STEPS),
  level: LEVELS[number % LEVELS.length]
})

/** Frequencies that may stand in a recording, in two bands. */
export const bands = [LOW, HIGH].map((from) => Array.from({ length: STEPS }, (_, n) => from + STEP * n))

/** The time of a recording, one of few, so that another one takes as many bytes. Files of four numbers in a row differ. */
export const secondsOf = (number, seconds = 1) => seconds + 0.4 * (number % 4)

/** A short recording that no other number gives: WAV, mono, 8 kHz, 16 bits. */
export const recording = (number, seconds = 1) => {
  const { high, level, low } = marks(number)
  const count = Math.round(secondsOf(number, seconds) * RATE)
  const bytes = Buffer.alloc(44 + 2 * count)
  bytes.write("RIFF", 0, "latin1")
  bytes.writeUInt32LE(36 + 2 * count, 4)
  bytes.write("WAVEfmt ", 8, "latin1")
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(RATE, 24)
  bytes.writeUInt32LE(2 * RATE, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write("data", 36, "latin1")
  bytes.writeUInt32LE(2 * count, 40)
  for (let n = 0; n < count; n++) {
    const at = (2 * Math.PI * n) / RATE
    bytes.writeInt16LE(Math.round(16_383 * level * (Math.sin(at * low) + Math.sin(at * high))), 44 + 2 * n)
  }
  return bytes
}

/** The highest sample of a recording, of 1: where one tone is a multiple of the other, they never meet at their tops. */
export const peakOf = (bytes) => {
  let peak = 0
  for (let at = 44; at < bytes.length; at += 2) peak = Math.max(peak, Math.abs(bytes.readInt16LE(at)))
  return peak / 32_767
}

const first = { "long.wav": recording(0, 3), "a copy.wav": recording(0, 3), "broken.mp3": Buffer.from("this is no recording") }

/** What a first folder holds: a recording of several windows, a copy of it under another name, and one that is broken. */
export const fill = (inbox) => {
  for (const [name, bytes] of Object.entries(first)) writeFileSync(join(inbox, name), bytes)
}

/** The same, without names. */
export const contents = Object.values(first)
