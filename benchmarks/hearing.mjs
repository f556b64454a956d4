// What hearing and seeing more costs: `timbre` beside `acoustic`, and pictures of a long video against the one best ffmpeg command, in
// seconds of processor of this process, its threads and its children, in alternating pairs. Needs ffmpeg and Linux.
//   node benchmarks/hearing.mjs [minutes] [pairs] [sound|pictures]    one of the two alone
import { Original, StateFolder } from "@mediaspool/core"
import { acoustic, MediaEngine, SourceFile, timbre } from "@mediaspool/plugins"
import { Effect, Layer, Schema } from "effect"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { figure, median } from "./Figure.mjs"

const minutes = Number(process.argv[2] ?? 10)
const pairs = Number(process.argv[3] ?? 3)
const only = process.argv[4]
const base = mkdtempSync(join(tmpdir(), "mediaspool-hearing-"))
const at = (name) => join(base, name)

const ffmpeg = (...args) => {
  const { status, stderr } = spawnSync("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr || "ffmpeg is needed")
}
const hashOf = (text) => createHash("sha256").update(text).digest("hex")
/** Seconds of processor so far, children that have ended included. */
const spent = () => {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? []
  // utime, stime, cutime and cstime, in hundredths.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}
const timed = (program) =>
  Effect.gen(function* () {
    const before = spent()
    yield* program
    return spent() - before
  })
const ratioOf = (ours, theirs) =>
  Effect.gen(function* () {
    const found = []
    for (let pair = 0; pair < pairs; pair++) found.push([yield* timed(ours(pair)), yield* timed(theirs(pair))])
    const [a, b] = [median(found.map(([a]) => a)), median(found.map(([, b]) => b))]
    return { ratio: a / b, detail: `${a.toFixed(2)} s, ${b.toFixed(2)} s` }
  })

try {
  const length = String(60 * minutes)
  // Chords that change, in stereo, under noise.
  const sound =
    "aevalsrc='0.2*sin(2*PI*t*(220+55*floor(mod(t,4))))+0.05*(random(0)-0.5)|0.2*sin(2*PI*t*330)+0.05*(random(1)-0.5)'"
  if (only !== "pictures") ffmpeg("-f", "lavfi", "-i", `${sound}:s=44100:d=${length}`, "-b:a", "128k", at("sound.mp3"))
  // Small, so that an hour is made in seconds: what is measured beside ffmpeg's decoding then weighs more, not less.
  if (only !== "sound")
    ffmpeg(
      ...["-f", "lavfi", "-i", `testsrc2=s=320x180:r=12:d=${length}`, "-c:v", "libx264", "-preset", "ultrafast"],
      ...["-g", "250", "-pix_fmt", "yuv420p", at("video.mp4")]
    )
  mkdirSync(at("state/temporary"), { recursive: true })
  const state = Layer.succeed(StateFolder, {
    path: at("state"),
    temporary: at("state/temporary"),
    child: () => Effect.void
  })
  // Another hash each time: nothing is answered from before.
  const original = (name, n) => new Original({ hash: hashOf(`${name} ${n}`), size: statSync(at(name)).size, path: at(name) })
  const rate = 0.2
  const met = await Effect.runPromise(
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const input = (n) => ({ file: new SourceFile({ file: original("sound.mp3", n), mediaType: "audio/mpeg" }) })
      const measured = (n, ...stages) =>
        Effect.forEach(stages, (stage) => stage.run(input(n), Schema.decodeSync(stage.config)({})), {
          concurrency: "unbounded",
          discard: true
        })
      const hearing = Effect.gen(function* () {
        // What starts once starts before the clock.
        yield* measured("first", acoustic, timbre)
        const ratio = yield* ratioOf(
          (pair) => measured(`both ${pair}`, acoustic, timbre),
          (pair) => measured(`one ${pair}`, acoustic)
        )
        return figure({ name: `acoustic and timbre of ${minutes} minutes, against acoustic alone`, atMost: 1.15, ...ratio })
      })
      const seeing = Effect.gen(function* () {
        const cut = { startSeconds: 0, durationSeconds: 2 }
        yield* engine.ask(original("video.mp4", "first"), { _tag: "Stills", path: at("first"), rate: 1, size: 448, cut })
        const ratio = yield* ratioOf(
          (pair) => engine.ask(original("video.mp4", pair), { _tag: "Stills", path: at(`ours-${pair}`), rate, size: 448 }),
          (pair) =>
            Effect.sync(() =>
              ffmpeg(
                ...["-i", at("video.mp4"), "-an", "-vf", `fps=${rate},scale=w='min(448,iw)':h=-2`, "-c:v", "mjpeg", "-q:v", "4"],
                ...["-f", "image2pipe", at(`theirs-${pair}`)]
              )
            )
        )
        return figure({ name: `pictures of ${minutes} minutes, against the one best ffmpeg command`, atMost: 1.2, ...ratio })
      })
      return yield* Effect.all([...(only === "pictures" ? [] : [hearing]), ...(only === "sound" ? [] : [seeing])])
    }).pipe(Effect.scoped, Effect.provide(MediaEngine.layer.pipe(Layer.provideMerge(state))))
  )
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(base, { recursive: true, force: true })
}
