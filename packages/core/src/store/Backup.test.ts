import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { files, folder, layer, plan, run, textStage } from "../runner/Run.fixture.js"
import { backUp } from "./Backup.js"

describe("backUp", () => {
  it.scopedLive("copies what is on disk while the store is open", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const copy = join(root, "safe", "copy.db")
      yield* Effect.gen(function* () {
        yield* run(plan([{ name: "text", stage: textStage("text").stage }]), [files(join(root, "in"), { "a.wav": "a" })])
        yield* backUp(copy)
      }).pipe(Effect.provide(layer(join(root, "state"))))
      const connection = new Sqlite(copy, { readonly: true })
      expect(connection.prepare("SELECT count(*) FROM ledger").pluck().get()).toBe(2)
      expect(connection.pragma("integrity_check", { simple: true })).toBe("ok")
      connection.close()
      expect(existsSync(`${copy}.part`)).toBe(false)
    })
  )
})
