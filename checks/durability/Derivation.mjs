// Whether what is kept of a content was made from its bytes: every recording is two tones and a level of its own, which stand in
// its copy and in its picture.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import * as Sound from "./Sound.mjs"
import { reading } from "./Sqlite.mjs"

/** Hz of what is decoded. */
const RATE = 8_000
/** Of a second; what an encoder adds or takes at the ends. */
const SECONDS_OFF = 0.15
/** Of the full height. */
const LEVEL_OFF = 0.07

const decoded = (args) => {
  const { status, stderr, stdout } = spawnSync("ffmpeg", ["-v", "error", "-nostdin", ...args, "-"], { maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}: ${stderr}`)
  return stdout
}

/** How much of a frequency there is in a second from the middle (Goertzel). */
const power = (samples, hertz) => {
  const from = Math.max(0, Math.floor((samples.length - RATE) / 2))
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / RATE)
  let [one, two] = [0, 0]
  for (const sample of samples.subarray(from, from + RATE)) [one, two] = [sample + factor * one - two, one]
  return one * one + two * two - factor * one * two
}

const strongest = (samples, band) => band.reduce((best, hertz) => (power(samples, hertz) > power(samples, best) ? hertz : best))

/** The tones and the length of a sound file. */
export const heard = (file) => {
  const bytes = decoded(["-i", file, "-ac", "1", "-ar", String(RATE), "-f", "s16le"])
  const samples = Float64Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1))
  const [low, high] = Sound.bands.map((band) => strongest(samples, band))
  return { low, high, seconds: samples.length / RATE }
}

/** The level that a waveform shows. */
export const seen = (file, { height, width }) => {
  const bytes = decoded([
    "-i",
    file,
    "-frames:v",
    "1",
    "-vf",
    "format=rgba,extractplanes=a",
    "-pix_fmt",
    "gray",
    "-f",
    "rawvideo"
  ])
  const isDrawn = (row) => bytes.subarray(row * width, (row + 1) * width).some((value) => value > 0)
  return Array.from({ length: height }, (_, row) => row).filter(isDrawn).length / height
}

const wrongSound = (file, { high, low, seconds }) => {
  const is = heard(file)
  return is.low === low && is.high === high && Math.abs(is.seconds - seconds) < SECONDS_OFF
    ? []
    : [`${is.low} and ${is.high} Hz for ${is.seconds.toFixed(2)} s instead of ${low} and ${high} Hz for ${seconds} s`]
}
const wrongPicture = (file, size, { level }) => {
  const is = seen(file, size)
  return Math.abs(is - level) < LEVEL_OFF ? [] : [`a level of ${is.toFixed(2)} instead of ${level}`]
}

/** Results that were made of an original, with its hash: what `ingest` gave under the digest that they name as their input. */
const made = (rows) => {
  const origins = new Map(
    rows(
      "SELECT digest, json_extract(value, '$.file.hash') AS hash FROM ledger WHERE json_extract(value, '$._tag') = 'SourceFile'"
    ).map(({ digest, hash }) => [digest, hash])
  )
  return rows(
    "SELECT key, inputs, value FROM ledger WHERE json_extract(value, '$._tag') IN ('AudioFile', 'Waveform', 'Probe')"
  ).map(({ inputs, key, value }) => ({
    key,
    value: JSON.parse(value),
    origin: origins.get(JSON.parse(`{${inputs}}`).file)
  }))
}

/**
 * Looks at what is new in a state folder.
 *
 * @param marks of a content, by its hash: tones, level and seconds
 * @param known keys and hashes of files that were found right; filled here
 */
export const wrong = (state, marks, known) =>
  reading(join(state, "spool.db"), made).flatMap(({ key, origin, value }) => {
    const file = value.file ?? value.image
    const id = `${key} ${file?.hash}`
    if (known.has(id)) return []
    const should = marks(origin)
    if (should === undefined) return [`I11: ${key} was made from ${origin}, which nobody knows`]
    const found =
      value._tag === "Probe"
        ? Math.abs(value.durationSeconds - should.seconds) < SECONDS_OFF
          ? []
          : [`${value.durationSeconds} s instead of ${should.seconds} s`]
        : value._tag === "AudioFile"
          ? wrongSound(join(state, "artifacts", file.path), should)
          : wrongPicture(join(state, "artifacts", file.path), value, should)
    if (found.length === 0) known.add(id)
    return found.map((what) => `I11: ${value._tag} of ${origin} has ${what}`)
  })
