import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Stream } from "effect"
import { join } from "node:path"
import { Runner } from "../runner/Runner.js"
import * as RawPath from "../stage/RawPath.js"
import { base, count, eventually, layer, pipeline, put, sourceOf } from "./Watcher.fixture.js"
import type { FsEventBatch } from "./FsEventsMessage.js"
import * as FolderWatcher from "./FolderWatcher.js"
import type { WatchEvent } from "./WatchEvent.js"

const hint: FsEventBatch = { watch: 0, touched: [], listed: [], ready: true, trouble: undefined }

describe("Session", () => {
  it.scopedLive("goes on by scans when the system tells of changes no more, and says so once", () =>
    Effect.gen(function* () {
      const { inbox, state } = yield* base
      const { plan } = pipeline(inbox)
      const source = sourceOf(inbox, { scanEvery: Duration.millis(200) })
      yield* Effect.gen(function* () {
        const ready = yield* Effect.flatMap(Runner, (runner) => runner.prepare(plan))
        const events: Array<WatchEvent> = []
        const drain = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(
          FolderWatcher.run({
            ready,
            source,
            listen: () =>
              Stream.concat(Stream.make({ ...hint, trouble: "ENOSPC" }, { ...hint, trouble: "ENOSPC" }), Stream.never),
            tell: (event) => Effect.sync(() => void events.push(event)),
            rescans: Stream.never,
            drain: Deferred.await(drain)
          })
        )
        yield* eventually(Effect.sync(() => events.some(({ _tag }) => _tag === "FolderScanned")))
        put(join(inbox, "deep/a.wav"), "nobody tells of this")
        yield* eventually(Effect.map(count("done"), (done) => done === 1))
        yield* Deferred.succeed(drain, undefined)
        yield* Fiber.join(fiber)
        expect(events.filter(({ _tag }) => _tag === "EventsLost")).toEqual([
          { _tag: "EventsLost", pipeline: "test", detail: "ENOSPC" }
        ])
      }).pipe(Effect.scoped, Effect.provide(layer(state)))
    })
  )

  it("listens to a local folder, and scans where that would tell nothing", () => {
    const local = sourceOf("/tmp")
    const network = () => "nfs4"
    expect(FolderWatcher.manner({ ...local, settle: undefined })).toEqual({ mode: "events", settle: Duration.seconds(2) })
    expect(FolderWatcher.manner({ ...local, settle: undefined }, network)).toEqual({ mode: "scan", settle: Duration.seconds(10) })
    expect(FolderWatcher.manner({ ...local, watch: "events" }, network).mode).toBe("events")
    expect(FolderWatcher.manner({ ...local, watch: "scan" }).mode).toBe("scan")
    expect(FolderWatcher.manner({ ...local, folder: RawPath.fromBytes(Buffer.from([0x2f, 0xff])) }).mode).toBe("scan")
  })
})
