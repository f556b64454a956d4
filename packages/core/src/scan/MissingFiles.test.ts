import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database } from "../store/Database.js"
import { Items } from "../store/Items.js"
import * as Store from "../store/Store.js"
import * as MissingFiles from "./MissingFiles.js"
import * as FolderIdentity from "./FolderIdentity.js"
import { Scanner } from "./Scanner.js"

const base = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-intake-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Scans; what is found gets its row, as a run would give it. */
const intake = (folder: string) =>
  Effect.gen(function* () {
    const items = yield* Items
    const pieces = yield* Stream.runCollect(
      Stream.tap(
        MissingFiles.scan({ folder, include: ["**/*.wav"], exclude: [], against: { pipeline: "sounds", plan: 1 } }),
        (piece) =>
          piece._tag === "Found"
            ? Effect.asVoid(items.arrive(piece.files.map(({ path, ...stamp }) => ({ path, stamp, contentHash: path }))))
            : Effect.void
      )
    )
    const finished = [...pieces].find((piece) => piece._tag === "Finished")
    return finished?._tag === "Finished" ? { ...finished.counts, doubt: finished.doubt?.message } : undefined
  })

const live = Effect.map(Database, (database) => database.rows("SELECT id FROM item WHERE gone_at = 0", []).length)

const fill = (folder: string, count: number) => {
  mkdirSync(folder, { recursive: true })
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.wav`), String(i))
}

describe("Intake", () => {
  it.scoped("marks what is gone, and what is back", () =>
    Effect.gen(function* () {
      const path = yield* base
      const inbox = join(path, "inbox")
      fill(inbox, 12)
      yield* Effect.gen(function* () {
        yield* intake(inbox)
        rmSync(join(inbox, "0.wav"))
        expect(yield* intake(inbox)).toMatchObject({ gone: 1, doubt: undefined })
        expect(yield* live).toBe(11)
        expect(yield* intake(inbox)).toMatchObject({ gone: 0, known: 11 })
      }).pipe(Effect.provide(Scanner.layer.pipe(Layer.provideMerge(Store.layer(join(path, ".spool"))))))
    })
  )

  it.scoped("believes neither an empty folder nor another one in its place, unless a person says so", () =>
    Effect.gen(function* () {
      const path = yield* base
      const inbox = join(path, "inbox")
      fill(inbox, 12)
      yield* Effect.gen(function* () {
        yield* intake(inbox)
        renameSync(inbox, join(path, "mounted"))
        mkdirSync(inbox)
        expect((yield* intake(inbox))?.doubt).toContain("12 of 12 known files are missing, and the folder is another one")
        expect(yield* live).toBe(12)

        rmSync(inbox, { recursive: true })
        renameSync(join(path, "mounted"), inbox)
        expect(yield* intake(inbox)).toMatchObject({ gone: 0, files: 12, doubt: undefined })

        for (let i = 0; i < 12; i++) rmSync(join(inbox, `${i}.wav`))
        expect((yield* intake(inbox))?.doubt).toContain("all 12 known files are missing")
        yield* FolderIdentity.confirmEmptied(inbox)
        expect(yield* intake(inbox)).toMatchObject({ gone: 12, doubt: undefined })
        expect(yield* live).toBe(0)
      }).pipe(Effect.provide(Scanner.layer.pipe(Layer.provideMerge(Store.layer(join(path, ".spool"))))))
    })
  )

  it.scoped("does not mark a row that has been given to the file's new name", () =>
    Effect.gen(function* () {
      const path = yield* base
      yield* Effect.gen(function* () {
        const items = yield* Items
        const stamp = { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1n, ctimeNs: 1n }
        yield* items.arrive([{ path: "/new.wav", stamp, contentHash: "a" }])
        yield* MissingFiles.markGone([{ item: 1, path: "/old.wav" }])
        expect(yield* live).toBe(1)
        yield* MissingFiles.markGone([{ item: 1, path: "/new.wav" }])
        expect(yield* live).toBe(0)
      }).pipe(Effect.provide(Store.layer(join(path, ".spool"))))
    })
  )
})

describe("Vanishing", () => {
  it("believes deletions and renames, and doubts an absent disk", () => {
    const seen = (known: number, gone: number, found: number, files: number) => ({ known, gone, found, files })
    expect(MissingFiles.doubt(seen(100, 0, 0, 100), false)).toBeUndefined()
    expect(MissingFiles.doubt(seen(100, 30, 0, 70), true)).toBeUndefined()
    expect(MissingFiles.doubt(seen(9, 9, 0, 0), true)).toBeUndefined()
    expect(MissingFiles.doubt(seen(100, 100, 100, 100), true)).toBeUndefined()
    expect(MissingFiles.doubt(seen(100, 100, 0, 0), true)).toContain("all 100")
    expect(MissingFiles.doubt(seen(100, 60, 2, 42), true)).toContain("60 of 100")
    expect(MissingFiles.doubt(seen(2, 1, 5, 6), false)).toContain("another one")
  })
})
