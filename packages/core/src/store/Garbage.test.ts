import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { vi } from "vitest"
import { folder, layer, rows } from "../runner/Run.fixture.js"
import { ArtifactStore } from "./ArtifactStore.js"
import { Database } from "./Database.js"
import * as Garbage from "./Garbage.js"
import { Ledger } from "./Ledger.js"

const hour = 3_600_000

describe("Garbage", () => {
  it.scopedLive("finds files that no result refers to, and leaves the others alone", () =>
    Effect.gen(function* () {
      const root = yield* folder
      yield* Effect.gen(function* () {
        const [artifacts, database, ledger] = yield* Effect.all([ArtifactStore, Database, Ledger])
        const write = (key: string) => artifacts.write(key, "a", "txt", (path) => Effect.sync(() => writeFileSync(path, key)))
        const recipe = yield* ledger.recipe({ digest: "d", stage: "s", version: 1, preimage: "{}" })
        const kept = yield* write("kept")
        const dropped = yield* write("dropped")
        const entry = { recipe, inputs: "", outcome: "value", value: "1", file: undefined, digest: "x", artifacts: 1 } as const
        ledger.put({ ...entry, key: "kept", madeWith: undefined })
        const stray = join(artifacts.folder, "00", "00ff.txt")
        mkdirSync(join(artifacts.folder, "00"), { recursive: true })
        writeFileSync(stray, "stray")
        yield* database.flush
        expect(yield* Garbage.find).toEqual([])
        const now = Date.now()
        const clock = vi.spyOn(Date, "now").mockReturnValue(now + 2 * hour)
        const found = yield* Garbage.find
        expect(new Set(found.map(({ path }) => path))).toEqual(new Set([stray, dropped.artifact.path]))
        yield* Garbage.remove(found)
        expect(yield* Garbage.find).toEqual([])
        clock.mockRestore()
        expect(yield* rows("SELECT key FROM artifact")).toEqual([{ key: "kept" }])
        expect(kept.artifact.size).toBe(4)
      }).pipe(Effect.provide(layer(join(root, "state"))))
    })
  )
})
