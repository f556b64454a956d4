// Whether what is kept of a content was made from its bytes: every recording is two tones and a level of its own, which stand in
// its copy and in its picture.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Sound from "./Sound.mjs"
import { reading } from "./Sqlite.mjs"

/** Hz of what is decoded. */
const RATE = 8_000
/** Of a second; what an encoder adds or takes at the ends. */
const SECONDS_OFF = 0.15
/** Of the full height. */
const LEVEL_OFF = 0.07

/** Files that one process decodes: most of the time of a process is its start. */
const AT_ONCE = 24

const SOUND = ["-ac", "1", "-ar", String(RATE), "-f", "s16le"]
const PICTURE = ["-frames:v", "1", "-vf", "format=rgba,extractplanes=a", "-pix_fmt", "gray", "-f", "rawvideo"]

/** The bytes of media files, each decoded as its options say. */
const decoded = (jobs) => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-derivation-"))
  try {
    const inputs = jobs.flatMap(({ file }) => ["-i", file])
    const outputs = jobs.flatMap(({ options }, n) => ["-map", String(n), ...options, join(folder, String(n))])
    const { status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-nostdin", ...inputs, ...outputs])
    if (status !== 0) throw new Error(`ffmpeg ended with ${status}: ${stderr}`)
    return jobs.map((job, n) => readFileSync(join(folder, String(n))))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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

/** The tones and the length of a sound. */
const heard = (bytes) => {
  const samples = Float64Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1))
  const [low, high] = Sound.bands.map((band) => strongest(samples, band))
  return { low, high, seconds: samples.length / RATE }
}

/** The level that a waveform shows. */
const seen = (bytes, { height, width }) => {
  const isDrawn = (row) => bytes.subarray(row * width, (row + 1) * width).some((value) => value > 0)
  return Array.from({ length: height }, (_, row) => row).filter(isDrawn).length / height
}

const wrongSound = (bytes, { high, low, seconds }) => {
  const is = heard(bytes)
  return is.low === low && is.high === high && Math.abs(is.seconds - seconds) < SECONDS_OFF
    ? []
    : [`${is.low} and ${is.high} Hz for ${is.seconds.toFixed(2)} s instead of ${low} and ${high} Hz for ${seconds} s`]
}
const wrongPicture = (bytes, size, { level }) => {
  const is = seen(bytes, size)
  return Math.abs(is - level) < LEVEL_OFF ? [] : [`a level of ${is.toFixed(2)} instead of ${level}`]
}
const wrongProbe = ({ durationSeconds }, { seconds }) =>
  Math.abs(durationSeconds - seconds) < SECONDS_OFF ? [] : [`${durationSeconds} s instead of ${seconds} s`]

/** How a result's file is decoded and judged. */
const kinds = {
  AudioFile: { options: SOUND, wrong: (bytes, value, should) => wrongSound(bytes, should) },
  Waveform: { options: PICTURE, wrong: wrongPicture }
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
export const wrong = (state, marks, known) => {
  const fresh = reading(join(state, "spool.db"), made)
    .map((result) => ({ ...result, should: marks(result.origin), file: result.value.file ?? result.value.image }))
    .map((result) => ({ ...result, id: `${result.key} ${result.file?.hash}` }))
    .filter(({ id }) => !known.has(id))
  const judge = ({ id, origin, should, value }, found) => {
    if (found.length === 0) known.add(id)
    return found.map((what) => `I11: ${value._tag} of ${origin} has ${what}`)
  }
  const strange = fresh.filter(({ should }) => should === undefined)
  const ours = fresh.filter(({ should }) => should !== undefined)
  const filed = ours.filter(({ value }) => value._tag in kinds)
  const pieces = Array.from({ length: Math.ceil(filed.length / AT_ONCE) }, (_, n) => filed.slice(n * AT_ONCE, (n + 1) * AT_ONCE))
  return [
    ...strange.map(({ key, origin }) => `I11: ${key} was made from ${origin}, which nobody knows`),
    ...ours
      .filter(({ value }) => value._tag === "Probe")
      .flatMap((result) => judge(result, wrongProbe(result.value, result.should))),
    ...pieces.flatMap((piece) => {
      const bytes = decoded(
        piece.map(({ file, value }) => ({
          file: join(state, "artifacts", file.path),
          options: kinds[value._tag].options
        }))
      )
      return piece.flatMap((result, n) => judge(result, kinds[result.value._tag].wrong(bytes[n], result.value, result.should)))
    })
  ]
}
