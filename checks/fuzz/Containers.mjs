// Files of every container that were changed at random, read by one engine as stages read them.
import { Cause, Effect, Exit, Layer } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import { plugins } from "../../benchmarks/MediaCorpus.mjs"
import { count, told } from "./Progress.mjs"

const { MediaEngine } = await plugins("media/MediaEngine")
const EncodedMedia = await plugins("testing/EncodedMedia")
const InstalledEngines = await plugins("testing/InstalledEngines")
const Mutation = await plugins("testing/Mutation")
const SampleMedia = await plugins("testing/SampleMedia")
const { StateFolder } = await import("../../packages/core/dist/index.js")

/** Files of one folder, which goes before the next. */
const PIECE = 100
/** Milliseconds after which an answer hangs, on the busiest machine. */
const PATIENCE = 180_000
/** What a crash or a hang of an engine is called. */
const BROKEN = new Set(["EngineFailed", "TimedOut", "EngineMissing", "DiskFull"])

const make = (folder) => {
  const shape = { seconds: 1, sampleRate: 22_050 }
  return Effect.all(
    [
      SampleMedia.writeWav(folder, "speech", shape),
      ...["mp3", "flac", "ogg", "opus", "m4a", "aac"].map((format) => EncodedMedia.sound(folder, "speech", format, shape)),
      ...["mp4", "mkv", "webm"].map((format) => EncodedMedia.video(folder, "drums", format, shape))
    ],
    { concurrency: "unbounded" }
  )
}

/** What becomes of one question: `fine`, a failure's code, or what is wrong. */
const asked = (question) =>
  Effect.exit(Effect.timeoutFail(question, { duration: PATIENCE, onTimeout: () => ({ code: "hangs" }) })).pipe(
    Effect.map((exit) => {
      if (Exit.isSuccess(exit)) return { code: "fine" }
      const failure = Cause.failureOption(exit.cause)
      return failure._tag === "Some" ? failure.value : { code: "defect", message: Cause.pretty(exit.cause) }
    })
  )

const questions = (media, file, folder, n) => ({
  probe: media.probe(file),
  copy: media.ask(file, { _tag: "AudioCopy", path: join(folder, `${n}.out`), container: "wav", codec: "pcm_s16le" }),
  loudness: media.ask(file, { _tag: "Loudness" }),
  frame: media.ask(file, { _tag: "Frame", path: join(folder, `${n}.png`), format: "png", atSeconds: 0.5, width: 32 })
})

/** A piece: gives how often each answer came, and what is wrong. */
const piece = (media, originals, random, folder, seed) =>
  Effect.gen(function* () {
    const seen = new Map()
    const found = []
    const files = yield* Effect.forEach(Array.from({ length: PIECE }), (_, n) => {
      const { bytes, ending } = originals[n % originals.length]
      return SampleMedia.write(folder, `${n}${ending}`, Mutation.mutate(Buffer.from(bytes), random))
    })
    yield* Effect.forEach(
      files,
      (file, n) =>
        Effect.gen(function* () {
          const answers = yield* Effect.all(
            Object.entries(questions(media, file, folder, n)).map(([name, question]) =>
              Effect.map(asked(question), (answer) => [name, answer])
            ),
            { concurrency: "unbounded" }
          )
          for (const [name, { code, message = "" }] of answers) {
            seen.set(code, (seen.get(code) ?? 0) + 1)
            if (BROKEN.has(code) || ["hangs", "defect"].includes(code) || typeof code !== "string")
              found.push(`${name} of file ${n} of the piece ${seed}: ${code} ${message}`)
          }
          if (answers.length !== 4) found.push(`file ${n} of the piece ${seed} has ${answers.length} answers`)
        }),
      { concurrency: 20, discard: true }
    )
    return { seen, found }
  })

/** @param count files for each engine that is installed */
export const tryAll = async ({ count: most, progress, report }) => {
  const base = mkdtempSync(join(tmpdir(), "mediaspool-fuzz-"))
  try {
    for (const engine of await Effect.runPromise(InstalledEngines.find)) {
      const course = progress.course(engine)
      const [sources, state] = ["sources", "state"].map((name) => join(base, `${engine} ${name}`))
      for (const folder of [sources, state]) mkdirSync(folder)
      const layer = Layer.succeed(StateFolder, { path: state, temporary: state, child: () => Effect.void })
      const all = Effect.gen(function* () {
        const media = yield* MediaEngine
        const originals = (yield* make(sources)).map(({ path }) => ({ bytes: readFileSync(path), ending: extname(path) }))
        while (course.done < most && !progress.isOver) {
          const folder = mkdtempSync(join(base, "piece-"))
          const seed = progress.seed + course.done
          const { found, seen } = yield* piece(media, originals, SampleMedia.randomFrom(seed), folder, seed)
          rmSync(folder, { recursive: true, force: true })
          course.done += PIECE
          course.wrong += found.length
          report.hold(engine, found)
          for (const [code, times] of seen) count(course, code, times)
          progress.save()
          if (course.done % 1_000 === 0) report.say(`${engine}: ${course.done} of ${most} files`)
        }
      })
      if (course.done < most)
        await Effect.runPromise(
          all.pipe(
            Effect.provide(MediaEngine.with({ engine, maxBytes: 50_000_000 }).pipe(Layer.provide(layer))),
            Effect.provide(layer)
          )
        )
      report.say(`${engine}: ${course.done} of ${most} files, each accounted for, ${course.wrong} violations: ${told(course)}`)
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
