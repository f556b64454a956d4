import { Context, Deferred, Duration, Effect, Fiber, Layer, Queue, Schedule, Stream } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { SourceSettings } from "../config/SourceConfig.js"
import type { Plan } from "../pipeline/Plan.js"
import { layer as runnerLayer, plan, textStage, type Trouble } from "../runner/Run.fixture.js"
import { Scanner } from "../scan/Scanner.js"
import { Database } from "../store/Database.js"
import * as Watcher from "./Watcher.js"
import type { WatchEvent } from "./WatchEvent.js"

/** A folder with an inbox and a place for the state, for one test. */
export const base = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "mediaspool-watch-"))
    mkdirSync(join(path, "inbox"))
    return { path, inbox: join(path, "inbox"), state: join(path, ".spool") }
  }),
  ({ path }) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
)

export const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

export const layer = (state: string) => Scanner.layer.pipe(Layer.provideMerge(runnerLayer(state)))

export const SETTLE = Duration.millis(150)

export const sourceOf = (folder: string, settings: Partial<SourceSettings> = {}): SourceSettings => ({
  folder,
  include: ["**/*.wav"],
  exclude: [],
  watch: "auto",
  scanEvery: Duration.minutes(5),
  settle: SETTLE,
  ...settings
})

/** A pipeline of one stage that reads the file's text. */
export const pipeline = (
  folder: string,
  of?: (content: string) => Effect.Effect<string, Trouble>,
  settings: Partial<SourceSettings> & { readonly name?: string; readonly version?: string } = {}
) => {
  const { name = "test", version = "1", ...source } = settings
  const { runs, stage } = textStage("read", of)
  const made: Plan = {
    ...plan([{ name: "read", stage, identity: { version } }], name),
    source: sourceOf(folder, source)
  }
  return { plan: made, runs }
}

/** A watcher that runs until the scope closes. */
export const watch = (plans: ReadonlyArray<Plan>, more: Partial<Watcher.WatchOptions<string>> = {}) =>
  Effect.gen(function* () {
    const events: Array<WatchEvent<unknown>> = []
    const drain = yield* Deferred.make<void>()
    const changes = yield* Queue.unbounded<void>()
    const fiber = yield* Watcher.run({
      load: Effect.succeed({ plans, services: Context.empty() }),
      changes: Stream.fromQueue(changes),
      drain: Deferred.await(drain),
      tell: (event) => Effect.sync(() => void events.push(event)),
      ...more
    }).pipe(Effect.forkScoped)
    yield* eventually(Effect.sync(() => events.some(({ _tag }) => _tag === "FolderScanned") || fiber.unsafePoll() !== null))
    return {
      events,
      has: (tag: WatchEvent["_tag"]) => events.filter(({ _tag }) => _tag === tag),
      change: changes.offer(undefined),
      fiber,
      drain: Effect.zipRight(Deferred.succeed(drain, undefined), Fiber.join(fiber))
    }
  })

/** Waits until it is so; a test that waits too long fails by its own limit. */
export const eventually = <E, R>(isSo: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  isSo.pipe(Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("20 millis") }), Effect.asVoid)

/** How many live items ended so. */
export const count = (state: "done" | "failed" | "waiting", name = "test") =>
  Effect.flatMap(Database, (database) =>
    database.reading(() =>
      Number(
        database.row(
          `SELECT count(*) AS n FROM item JOIN item_state ON item = id WHERE gone_at = 0 AND state = ? AND pipeline = ?`,
          [state, name]
        )?.["n"]
      )
    )
  )
