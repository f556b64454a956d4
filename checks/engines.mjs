// Holds both media engines, and what programs of others say, to what is true of files that are made here.
//   npm run check:engines            prints the table and the worst of each column
//   npm run check:engines -- --write writes it into docs/engines.md
// Needs ffmpeg; sox, flac, opusinfo, mediainfo and exiftool are asked where they are installed, and named where they are not.
import { Effect, Layer } from "effect"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { format, resolveConfig } from "prettier"
import { plugins } from "../benchmarks/MediaCorpus.mjs"
import { independent, make } from "./engines/Corpus.mjs"

const { MediaEngine } = await plugins("media/MediaEngine")
const { Original, StateFolder } = await import("../packages/core/dist/index.js")

const programs = ["ffmpeg", "sox", "flac", "opusinfo", "mediainfo", "exiftool"]
const missing = programs.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0)
if (missing.includes("ffmpeg")) {
  console.error("Skipped: the files of the table are made by ffmpeg, which isn't installed.")
  process.exit(0)
}
if (missing.length > 0) console.error(`Not asked, because they aren't installed: ${missing.join(", ")}.`)

const base = mkdtempSync(join(tmpdir(), "mediaspool-engines-"))
const folder = join(base, "files")
const temporary = join(base, "state")
for (const path of [folder, temporary]) mkdirSync(path)
const files = make(folder)

/** The most by which a measurement may lie from what is true, or from the other engine's. */
const tolerance = {
  seconds: 0.1,
  copySeconds: 0.15,
  peak: 1.5,
  rms: 0.3,
  loudness: 0.3,
  truePeak: 0.5,
  silenceStart: 0.1,
  silenceEnd: 0.1,
  centroid: 60
}

const measure = (path) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const input = new Original({ hash: "0".repeat(64), size: 1, path })
    const ask = (request) => Effect.either(engine.ask(input, request))
    const copy = join(temporary, `${basename(path)}.copy.wav`)
    const found = yield* Effect.all(
      {
        copy: ask({ _tag: "AudioCopy", path: copy, container: "wav", codec: "pcm_s16le" }),
        levels: ask({ _tag: "Levels" }),
        loudness: ask({ _tag: "Loudness", truePeak: true }),
        silences: ask({ _tag: "Silences", threshold: -50, minimumSeconds: 0.5 }),
        spectrum: ask({ _tag: "Spectrum", threshold: -50 })
      },
      { concurrency: "unbounded" }
    )
    const probe = yield* Effect.either(engine.probe(input))
    const refused = Object.values(found).find(({ _tag }) => _tag === "Left")?.left
    if (refused !== undefined) return { refused: `${refused.code}: ${refused.detail}` }
    const { copy: made, levels, loudness, silences, spectrum } = found
    return {
      seconds: probe.right?.durationSeconds,
      copySeconds: (made.right.startSeconds ?? 0) + made.right.durationSeconds,
      peak: levels.right.peak,
      rms: levels.right.rms,
      loudness: loudness.right.integrated,
      truePeak: loudness.right.truePeak,
      silenceStart: silences.right.map(({ startSeconds }) => startSeconds),
      silenceEnd: silences.right.map(({ endSeconds }) => endSeconds),
      centroid: spectrum.right.centroid
    }
  })

const layer = Layer.succeed(StateFolder, { path: temporary, temporary, child: () => Effect.void })
const by = (engine) =>
  Effect.forEach(files, ({ path }) => measure(path), { concurrency: 8 }).pipe(
    Effect.provide(MediaEngine.with({ engine }).pipe(Layer.provide(layer))),
    Effect.provide(layer),
    Effect.runPromise
  )

const engines = { auto: await by("auto"), "node-av": await by("node-av") }
const others = files.map(({ path }) => independent(path))
rmSync(base, { recursive: true, force: true })

const distance = (a, b) => {
  if (Array.isArray(a) || Array.isArray(b))
    return a?.length === b?.length ? Math.max(0, ...(a ?? []).map((one, n) => Math.abs(one - b[n]))) : Infinity
  return a === undefined || b === undefined ? (a === b ? 0 : Infinity) : Math.abs(a - b)
}

const worst = new Map()
const note = (column, what, file, away, most) => {
  const name = `${column}, ${what}`
  const before = worst.get(name)
  if (before === undefined || away > before.away) worst.set(name, { away, most, file })
}

const shown = (value) =>
  value === undefined ? "–" : Array.isArray(value) ? value.map((one) => one.toFixed(2)).join(" ") : Number(value).toFixed(2)

const rows = files.map(({ path, seconds, silences }, n) => {
  const file = basename(path)
  const [first, second, other] = [engines.auto[n], engines["node-av"][n], others[n]]
  const truth = {
    seconds,
    copySeconds: seconds,
    silenceStart: silences.map(([start]) => start),
    silenceEnd: silences.map(([, end]) => end)
  }
  for (const [name, most] of Object.entries(tolerance)) {
    note(name, "ffmpeg against node-av", file, distance(first[name], second[name]), most)
    if (name in truth) note(name, "against the truth", file, distance(first[name], truth[name]), most)
  }
  if (other.peak !== undefined && !/^tone\.(late|gap|chained|joined|changing)/.test(file))
    for (const name of ["peak", "rms"]) note(name, "against sox", file, distance(first[name], other[name]), tolerance[name])
  if (other.opusinfo !== undefined)
    note("seconds", "against opusinfo", file, distance(first.seconds, other.opusinfo), tolerance.seconds)
  // Several files behind each other are no FLAC to that program.
  if (other.flac === false && !file.includes("joined")) note("samples", "against flac -t", file, Infinity, 0)
  const cells = ["seconds", "peak", "rms", "loudness", "truePeak", "silenceStart", "silenceEnd"].map((name) =>
    distance(first[name], second[name]) < 0.005 ? shown(first[name]) : `${shown(first[name])} / ${shown(second[name])}`
  )
  const said = [first.refused, second.refused].filter((one) => one !== undefined).join("; ")
  return `| ${[file, shown(seconds), ...cells, shown(other.sox), shown(other.opusinfo), shown(other.mediainfo), shown(other.exiftool), said].join(" | ")} |`
})

const columns = [
  "file",
  "true length",
  "length",
  "peak",
  "rms",
  "LUFS",
  "dBTP",
  "silence from",
  "to",
  "sox",
  "opusinfo",
  "mediainfo",
  "exiftool",
  "refused"
]
const summary = [...worst].map(([name, { away, file, most }]) => {
  const figure = away === Infinity ? "missing" : away.toFixed(3)
  return `| ${name} | ${figure} | ${most} | ${away > most ? `**${file}**` : file} |`
})
const text = `# The engines, side by side

Both engines measure files that \`checks/engines.mjs\` makes, so that everything about them is known: two seconds of a tone, two of
silence, two of the tone. \`npm run check:engines -- --write\` writes this page. A cell has one figure where ffmpeg (with node-av for what
it can't do) and node-av agree, and both where they don't. The last columns are the lengths that other programs tell.

Length and times in seconds, levels in dBFS.

## The worst of each column

| column | worst | tolerance | file |
| --- | --- | --- | --- |
${summary.join("\n")}

## Every file

| ${columns.join(" | ")} |
| ${columns.map(() => "---").join(" | ")} |
${rows.join("\n")}
`
const broken = [...worst.values()].filter(({ away, most }) => away > most).length
console.log(text)
if (process.argv.includes("--write")) {
  const page = new URL("../docs/engines.md", import.meta.url)
  writeFileSync(page, await format(text, { ...(await resolveConfig(page.pathname)), parser: "markdown" }))
}
console.log(broken === 0 ? "All within their tolerances." : `${broken} columns lie beyond their tolerance.`)
process.exitCode = broken === 0 ? 0 : 1
