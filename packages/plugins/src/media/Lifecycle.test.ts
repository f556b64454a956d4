import { describe, expect, it } from "@effect/vitest"
import { Original, Progress, StateFolder } from "@mediaspool/core"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as SampleMedia from "../testing/SampleMedia.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import * as Child from "./ChildProcess.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)

/** Half an hour of noise, which takes long to compress. */
const long = (folder: string) => SampleMedia.writeWav(folder, "noise", { seconds: 1800, sampleRate: 8000 })
/** Where `/proc` tells of other processes, and the kernel of a parent's end. */
const linux = process.platform === "linux" ? it.live : it.live.skip

const truePeak = { _tag: "Loudness", truePeak: true } as const

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const gone = (pids: ReadonlyArray<number>) =>
  Effect.repeat(Effect.sleep("50 millis"), { until: () => !pids.some(lives) }).pipe(Effect.timeout("20 seconds"))

/** A state folder that tells of the children. */
const watched = (pids: Array<number>) =>
  Layer.effect(
    StateFolder,
    Effect.map(StateFolder, (folder) => ({ ...folder, child: (pid: number) => Effect.sync(() => void pids.push(pid)) }))
  ).pipe(Layer.provide(TemporaryFolder.state))

const withVariables = <A, E, R>(variables: Readonly<Record<string, string>>, effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = { ...process.env }
      Object.assign(process.env, variables)
      return before
    }),
    () => effect,
    (before) => Effect.sync(() => void (process.env = before))
  )

describe.each(installed)("the life of %s's processes", (engine) => {
  it.live(
    "tells how far a long file is, and ends with the last who waits",
    () => {
      const pids: Array<number> = []
      return Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const file = yield* long(folder)
        const media = yield* MediaEngine
        const under = yield* Deferred.make<readonly [number, number]>()
        const report = (done: number, total: number) =>
          done > 0 ? Effect.asVoid(Deferred.succeed(under, [done, total])) : Effect.void
        const path = join(folder, "copy.mp3")
        const copy = { _tag: "AudioCopy", path, container: "mp3", codec: "libmp3lame" } as const
        const fiber = yield* Effect.fork(
          Effect.all([media.ask(file, truePeak), media.ask(file, copy)], { concurrency: "unbounded" }).pipe(
            Effect.provideService(Progress, { report: () => Effect.void, media: report })
          )
        )
        const [done, total] = yield* Deferred.await(under)
        expect(done).toBeLessThanOrEqual(total)
        expect(total).toBe(1800)
        const working = pids.filter(lives)
        yield* Fiber.interrupt(fiber)
        yield* gone(working.slice(-1))
        const left = Effect.promise(() => fs.readdir(folder))
        yield* Effect.repeat(left, { until: (names) => names.length === 1 }).pipe(Effect.timeout("10 seconds"))
        // The engine goes on serving.
        const short = yield* SampleMedia.writeWav(folder, "tone", { seconds: 1 })
        expect((yield* media.ask(short, { _tag: "Loudness" })).integrated).toBeDefined()
      }).pipe(
        Effect.scoped,
        Effect.provide(MediaEngine.with({ engine }).pipe(Layer.provideMerge(watched(pids)))),
        Effect.zipRight(Effect.suspend(() => gone(pids)))
      )
    },
    90_000
  )

  linux(
    "hands no secret of the environment on",
    () => {
      const pids: Array<number> = []
      const environments: Array<string> = []
      return withVariables(
        { MEDIASPOOL_TEST_KEY: "canary-4711" },
        Effect.gen(function* () {
          const folder = yield* TemporaryFolder.make
          const file = yield* long(folder)
          const media = yield* MediaEngine
          const under = yield* Deferred.make<void>()
          const fiber = yield* Effect.fork(
            media.ask(file, truePeak).pipe(
              Effect.provideService(Progress, {
                report: () => Effect.void,
                media: (done) => (done > 0 ? Effect.asVoid(Deferred.succeed(under, undefined)) : Effect.void)
              })
            )
          )
          yield* Deferred.await(under)
          // One that ends meanwhile has none any more.
          for (const pid of pids.filter(lives))
            environments.push(yield* Effect.promise(() => fs.readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")))
          yield* Fiber.interrupt(fiber)
          expect(environments.length).toBeGreaterThan(0)
          expect(environments.join()).toContain("PATH=")
          expect(environments.join()).not.toContain("canary")
        }).pipe(Effect.scoped, Effect.provide(MediaEngine.with({ engine }).pipe(Layer.provideMerge(watched(pids)))))
      )
    },
    90_000
  )

  linux(
    "doesn't outlive a parent that is killed",
    () =>
      Effect.gen(function* () {
        const folder = yield* TemporaryFolder.make
        const file = yield* long(folder)
        // A program of the package, as if it stood beside it.
        const program = `import { Effect, Layer } from "effect"
import { Original, StateFolder, Progress } from "@mediaspool/core"
import { MediaEngine } from "./dist/media/MediaEngine.js"
const state = Layer.succeed(StateFolder, { path: ${JSON.stringify(folder)}, temporary: ${JSON.stringify(folder)},
  child: (pid) => Effect.sync(() => console.log(pid)) })
const file = new Original(${JSON.stringify({ hash: file.hash, size: file.size, path: file.path })})
Effect.runPromise(Effect.flatMap(MediaEngine, (media) => media.ask(file, { _tag: "Loudness", truePeak: true })).pipe(
  Effect.provideService(Progress, { report: () => Effect.void, media: (done) => Effect.sync(() => { if (done > 0) console.log("under way") }) }),
  Effect.provide(MediaEngine.with({ engine: ${JSON.stringify(engine)} }).pipe(Layer.provide(state)))))`
        const cwd = fileURLToPath(new URL("../../", import.meta.url))
        const pids = yield* Effect.acquireUseRelease(
          Effect.sync(() =>
            spawn(process.execPath, ["--input-type=module", "-e", program], { cwd, stdio: ["ignore", "pipe", "inherit"] })
          ),
          (parent) =>
            Effect.async<ReadonlyArray<number>>((resume) => {
              let said = ""
              parent.stdout.setEncoding("utf8").on("data", (text: string) => {
                said += text
                if (!said.includes("under way")) return
                parent.kill("SIGKILL")
                resume(
                  Effect.succeed(
                    said
                      .split("\n")
                      .map(Number)
                      .filter((pid) => pid > 0)
                  )
                )
              })
            }),
          (parent) => Effect.sync(() => void parent.kill("SIGKILL"))
        )
        expect(pids.length).toBeGreaterThan(1)
        yield* gone(pids)
        expect(pids.filter(lives)).toEqual([])
      }).pipe(Effect.scoped),
    90_000
  )
})

describe("terminate", () => {
  it.live(
    "kills what doesn't listen",
    () =>
      Effect.gen(function* () {
        const deaf = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)"
        const child: ChildProcess = spawn(process.execPath, ["-e", deaf], { stdio: ["ignore", "pipe", "ignore"] })
        yield* Effect.async<void>((resume) => void child.stdout?.once("data", () => resume(Effect.void)))
        yield* Child.terminate(child)
        expect(child.signalCode).toBe("SIGKILL")
      }),
    30_000
  )
})

it.live(
  "a child that couldn't be started gets no signal, for it would reach everybody in our process group",
  () =>
    Effect.gen(function* () {
      const program = `import { Effect } from "effect"
import { fork } from "node:child_process"
import { terminate } from "./dist/media/ChildProcess.js"
process.on("SIGTERM", () => { console.log("hit"); process.exit() })
const child = fork("x", [], { execPath: "/nonexistent/node" })
child.on("error", () => undefined)
await Effect.runPromise(terminate(child))
await new Promise((done) => setTimeout(done, 200))
console.log("missed")`
      const cwd = fileURLToPath(new URL("../../", import.meta.url))
      // A group of its own, so that a failing test ends no other.
      const outer = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd, detached: true, stdio: "pipe" })
      const said = yield* Effect.promise(async () => {
        let text = ""
        for await (const chunk of outer.stdout) text += String(chunk)
        return text.trim()
      })
      expect(said).toBe("missed")
    }),
  30_000
)

describe("without an engine", () => {
  const file = new Original({ hash: "0".repeat(64), size: 1, path: "/nowhere.wav" })
  const refused = (options: Parameters<typeof MediaEngine.with>[0]) =>
    Effect.flatMap(MediaEngine, (media) => Effect.flip(media.ask(file, { _tag: "Loudness" }))).pipe(
      Effect.provide(MediaEngine.with(options).pipe(Layer.provide(TemporaryFolder.state)))
    )

  it.effect("says what to install", () =>
    withVariables(
      { PATH: "/nonexistent", FFMPEG_PATH: "" },
      Effect.map(refused({ engine: "ffmpeg" }), ({ code, retry }) => expect([code, retry]).toEqual(["EngineMissing", "config"]))
    )
  )

  it.effect("takes no other ffmpeg than the one that is named", () =>
    withVariables(
      { FFMPEG_PATH: "/nonexistent/ffmpeg" },
      Effect.map(refused({}), ({ message }) => expect(message).toContain("FFMPEG_PATH names /nonexistent/ffmpeg"))
    )
  )
})
