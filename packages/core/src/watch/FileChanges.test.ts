import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FileChanges from "./FileChanges.js"
import { base } from "./Watcher.fixture.js"

it.scopedLive("tells when a file is written and when it is replaced", () =>
  Effect.gen(function* () {
    const { path } = yield* base
    const config = join(path, "spool.yaml")
    writeFileSync(config, "one")
    const told: Array<string> = []
    const fiber = yield* Effect.fork(
      Stream.runDrain(
        Stream.takeUntil(
          Stream.tap(FileChanges.of([config]), (path) => Effect.sync(() => told.push(path))),
          () => told.length >= 2
        )
      )
    )
    for (let i = 0; fiber.unsafePoll() === null; i++) {
      yield* Effect.sleep("150 millis")
      // As editors save: in place, and by a new file in its place.
      if (i % 2 === 0) writeFileSync(config, `written ${i}`)
      else {
        writeFileSync(`${config}.new`, `replaced ${i}`)
        renameSync(`${config}.new`, config)
      }
    }
    yield* Fiber.join(fiber)
    expect(new Set(told)).toEqual(new Set([config]))
  })
)
