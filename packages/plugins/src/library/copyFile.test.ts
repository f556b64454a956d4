import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { copyFile } from "./copyFile.js"

const until = (isSo: () => boolean) => Effect.repeat(Effect.sleep("1 millis"), { until: isSo })

describe("copyFile", () => {
  it.scopedLive("ends when the file is cut while it is copied, and when it is stopped", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const [from, to, other] = ["a", "b", "c"].map((name) => join(folder, name))
      if (from === undefined || to === undefined || other === undefined) return
      yield* Effect.sync(() => writeFileSync(from, Buffer.alloc(200 << 20)))
      const stopped = yield* Effect.fork(copyFile(from, other, String))
      yield* until(() => existsSync(other))
      yield* Fiber.interrupt(stopped)
      const size = statSync(other).size
      const copying = yield* Effect.fork(copyFile(from, to, String))
      yield* until(() => existsSync(to))
      yield* Effect.sync(() => truncateSync(from, 10))
      yield* Fiber.join(copying)
      // Nothing goes on behind the back of who stopped it.
      expect(statSync(other).size).toBe(size)
    })
  )

  it.scopedLive("gives all bytes, and never writes over a file", () =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      yield* Effect.sync(() => writeFileSync(join(folder, "a"), "sound"))
      yield* copyFile(join(folder, "a"), join(folder, "b"), String)
      expect(readFileSync(join(folder, "b"), "utf8")).toBe("sound")
      expect(yield* Effect.flip(copyFile(join(folder, "a"), join(folder, "b"), String))).toContain("EEXIST")
      expect(yield* Effect.flip(copyFile(join(folder, "none"), join(folder, "c"), String))).toContain("ENOENT")
    })
  )
})
