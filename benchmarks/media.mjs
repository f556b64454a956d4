// What is asked of media files, at the MediaEngine, against the scripts that people write with ffmpeg. Needs ffmpeg, ffprobe and xargs.
//   node benchmarks/media.mjs [clips] [minutes]      0: without it
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { figure, median } from "./Figure.mjs"
import { clips, long, plugins } from "./MediaCorpus.mjs"

const count = Number(process.argv[2] ?? 500)
const minutes = Number(process.argv[3] ?? 60)
const { MediaEngine } = await plugins("media/MediaEngine")
const { StateFolder, Original } = await import("../packages/core/dist/index.js")

const base = mkdtempSync(join(tmpdir(), "mediaspool-media-"))
const out = (name) => join(base, name)
const processes = availableParallelism()
/** As many items as the runner keeps in flight. */
const inFlight = Math.max(128, 64 * processes)
/** Files to a message of the prober: two of them start both its children. */
const MESSAGE = 32

const original = (path) => {
  const bytes = readFileSync(path)
  return new Original({ hash: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, path })
}

const state = Layer.sync(StateFolder, () => {
  mkdirSync(out("state/temporary"), { recursive: true })
  return { path: out("state"), temporary: out("state/temporary"), child: () => Effect.void }
})

/** Seconds that a program over a started engine takes. */
const timed = (program) =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const start = performance.now()
    yield* program(engine)
    return (performance.now() - start) / 1000
  })

/** Seconds that a program takes, with the engine's own start. */
const cold = (program) => {
  const start = performance.now()
  return Effect.runPromise(
    Effect.scoped(Effect.provide(Effect.asVoid(timed(program)), MediaEngine.layer.pipe(Layer.provide(state))))
  ).then(() => (performance.now() - start) / 1000)
}
const warm = (first, program) =>
  Effect.runPromise(
    Effect.scoped(
      Effect.provide(
        Effect.gen(function* () {
          yield* first(yield* MediaEngine)
          return yield* timed(program)
        }),
        MediaEngine.layer.pipe(Layer.provide(state))
      )
    )
  )

/** Seconds of a shell script over files, one process a step, as many at once as there are processors. */
const script = (files, text) => {
  writeFileSync(out("step.sh"), `f=$1; o=${out("peer")}/$(basename "$1")\n${text}\n`)
  mkdirSync(out("peer"), { recursive: true })
  const start = performance.now()
  const { status, stderr } = spawnSync("xargs", ["-0", "-n1", `-P${processes}`, "sh", out("step.sh")], {
    input: files.join("\0"),
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`the peer failed: ${stderr}`)
  return (performance.now() - start) / 1000
}

const each = (files, work) => Effect.forEach(files, work, { concurrency: inFlight, discard: true })
const copy = (file, name) => ({
  _tag: "AudioCopy",
  path: out(`${basename(file.path)}.${name}`),
  container: name,
  codec: name === "wav" ? "pcm_s16le" : name,
  sampleRate: 16000,
  channels: 1,
  ...(name === "mp3" ? { bitRate: 64000 } : {})
})
const all = (engine, file) =>
  Effect.all(
    [
      engine.probe(file),
      engine.ask(file, copy(file, "wav")),
      engine.ask(file, { _tag: "Loudness" }),
      engine.ask(file, { _tag: "Silences", threshold: -50, minimumSeconds: 0.3 }),
      engine.ask(file, {
        _tag: "WaveformImage",
        path: out(`${basename(file.path)}.png`),
        width: 1000,
        height: 200,
        colour: "#3366cc"
      })
    ],
    { concurrency: "unbounded" }
  )

/** Medians of rounds in which each side runs once, so that a busy moment hits both. */
const rounds = async (times, ours, peer) => {
  const seconds = { ours: [], peer: [] }
  for (let round = 0; round < times; round++) {
    seconds.ours.push(await ours())
    seconds.peer.push(peer())
  }
  return {
    ratio: median(seconds.peer.map((time, n) => time / seconds.ours[n])),
    ours: median(seconds.ours),
    peer: median(seconds.peer)
  }
}
const detail = ({ ours, peer }) => `${ours.toFixed(2)} s against ${peer.toFixed(2)} s`

try {
  const met = []
  if (count > 0) {
    const paths = await clips(count)
    const files = paths.map(original)

    const probe = await rounds(
      1,
      () =>
        warm(
          // Under another name, so that nothing is remembered of them.
          (engine) => each(files.slice(0, 2 * MESSAGE), (file) => engine.probe({ ...file, hash: `0${file.hash}` })),
          (engine) => each(files, engine.probe)
        ),
      () => script(paths, 'ffprobe -v error -show_format -show_streams -of json "$f" > "$o.json"')
    )
    figure({ name: `probing ${count} clips, against xargs ffprobe`, ratio: probe.ratio, detail: detail(probe) })
    const start = await cold((engine) => each(files, engine.probe))
    met.push(
      figure({
        name: "the same with the engine's start",
        ratio: probe.peer / start,
        atLeast: 50,
        detail: `${start.toFixed(2)} s`
      })
    )

    const transcode = await rounds(
      1,
      () => cold((engine) => each(files, (file) => engine.ask(file, copy(file, "mp3")))),
      () => script(paths, 'ffmpeg -nostdin -v error -y -i "$f" -vn -ac 1 -ar 16000 -b:a 64k "$o.mp3"')
    )
    met.push(
      figure({
        name: `transcoding ${count} clips, against one ffmpeg a file`,
        ratio: transcode.ratio,
        atLeast: 4.5,
        detail: detail(transcode)
      })
    )

    const everything = await rounds(
      1,
      () => cold((engine) => each(files, (file) => all(engine, file))),
      () =>
        script(
          paths,
          `ffprobe -v error -show_format -show_streams -of json "$f" > "$o.json"
  ffmpeg -nostdin -v error -y -i "$f" -vn -ac 1 -ar 16000 "$o.wav"
  ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af ebur128 -f null - 2> "$o.loudness"
  ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af silencedetect=n=-50dB:d=0.3 -f null - 2> "$o.silences"
  ffmpeg -nostdin -v error -y -i "$f" -filter_complex showwavespic=s=1000x200 -frames:v 1 "$o.png"`
        )
    )
    met.push(
      figure({
        name: `probe, copy, loudness, silences and waveform of ${count} clips, against a script with one process a step`,
        ratio: everything.ratio,
        atLeast: 8,
        detail: detail(everything)
      })
    )
  }

  if (minutes > 0) {
    const hour = await long(minutes)
    const file = original(hour)
    const best = await rounds(
      3,
      () => cold((engine) => all(engine, file)),
      () =>
        script(
          [hour],
          `ffmpeg -nostdin -hide_banner -nostats -y -i "$f" -filter_complex "[0:a]asplit=3[a][b][c];[a]aresample=16000,aformat=channel_layouts=mono[copy];\\
  [b]silencedetect=n=-50dB:d=0.3,ebur128=framelog=verbose[measured];[c]aresample=8000,aformat=channel_layouts=mono,showwavespic=s=1000x200[picture]" \\
  -map "[copy]" "$o.wav" -map "[measured]" -f null - -map "[picture]" -frames:v 1 "$o.png" 2> "$o.log"`
        )
    )
    met.push(
      figure({
        name: `the same of ${minutes} minutes, in the time of the one best ffmpeg command`,
        ratio: 1 / best.ratio,
        atMost: 1.05,
        detail: detail(best)
      })
    )
  }
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(base, { recursive: true, force: true })
}
