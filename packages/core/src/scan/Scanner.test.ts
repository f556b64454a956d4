import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Option, Stream } from "effect"
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import * as RawPath from "../stage/RawPath.js"
import { Items } from "../store/Items.js"
import { Database } from "../store/Database.js"
import { RunLog } from "../store/RunLog.js"
import * as Store from "../store/Store.js"
import type { FoundFile } from "./FoundFile.js"
import * as LookedFiles from "./LookedFiles.js"
import * as Scanner from "./Scanner.js"

const root = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-scan-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const put = (path: string, text = "sound"): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(RawPath.forNode(path), text)
}

const globs = { include: ["**/*.{wav,mp3}"], exclude: [] as Array<string> }

/** A whole scan, gathered. */
const all = (request: Scanner.ScanRequest) =>
  Effect.flatMap(Scanner.Scanner, (scanner) =>
    Effect.map(Stream.runCollect(scanner.scan(request)), (pieces) => ({
      found: [...pieces].flatMap((piece) => (piece._tag === "Found" ? piece.files : [])),
      refused: [...pieces].flatMap((piece) => (piece._tag === "Refused" ? piece.refusals : [])),
      gone: [...pieces].flatMap((piece) => (piece._tag === "Gone" ? piece.files : [])),
      ignored: [...pieces].flatMap((piece) => (piece._tag === "Ignored" ? [piece] : [])),
      counts: Option.getOrThrow(
        Option.flatMap(Chunk.last(pieces), (piece) => (piece._tag === "Finished" ? Option.some(piece.counts) : Option.none()))
      )
    }))
  )

const names = (files: ReadonlyArray<{ readonly relativePath: string }>) => files.map((file) => file.relativePath).sort()

/** A scanner without a database. */
const alone = Layer.scoped(Scanner.Scanner, Scanner.make(Option.none(), []))

const stored = (state: string) => Scanner.Scanner.layer.pipe(Layer.provideMerge(Store.layer(state)))

/** Records that these files are done under a plan. */
const done = (files: ReadonlyArray<FoundFile>, plan: number) =>
  Effect.gen(function* () {
    const items = yield* Items
    const database = yield* Database
    const rows = yield* items.arrive(
      files.map(({ path, ...stamp }) => ({ path, stamp, contentHash: `hash of ${path} ${stamp.mtimeNs}` }))
    )
    for (const { id: item } of rows) items.end({ item, pipeline: "sounds", plan, state: "done", obstacles: [] }, () => {})
    yield* database.flush
    return rows.map(({ id }) => id)
  })

const plan = (fingerprint: string) =>
  Effect.flatMap(RunLog, (log) => log.plan({ pipeline: "sounds", fingerprint, description: "{}", readsLocation: false }))

describe("Scanner", () => {
  it.scoped("finds what include asks for, whatever its name", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const odd = [
        "new\nline.wav",
        "quote'\"`.wav",
        "-rf.wav",
        "100%d.wav",
        "http:x.wav",
        "\u202egnp.wav",
        " .wav",
        "録音/Größe.WAV",
        "a b/[c]{d}*.mp3",
        "#.wav",
        "~.wav"
      ]
      for (const name of odd) put(join(folder, name))
      put(join(folder, "raw \udcff\udc80.wav"))
      put(join(folder, "notes.txt"))
      const { counts, found } = yield* all({ folder, ...globs })
      expect(names(found)).toEqual([...odd, "raw \udcff\udc80.wav"].sort())
      expect(counts).toMatchObject({ files: odd.length + 1, found: odd.length + 1, folders: 2, refused: 0 })
      const raw = found.find(({ relativePath }) => !RawPath.isText(relativePath))
      expect(statSync(RawPath.forNode(raw?.path ?? "")).size).toBe(5)
      const stats = statSync(join(folder, "-rf.wav"), { bigint: true })
      expect(found.find(({ relativePath }) => relativePath === "-rf.wav")).toMatchObject({
        path: join(folder, "-rf.wav"),
        ino: stats.ino,
        size: 5n,
        mtimeNs: stats.mtimeNs,
        ctimeNs: stats.ctimeNs,
        status: "new",
        item: undefined
      })
    }).pipe(Effect.provide(alone))
  )

  it.scoped("leaves alone what isn't whole yet, hidden, excluded or linked", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const outside = yield* root
      put(join(outside, "secret.wav"))
      for (const name of ["a.wav.part", "a.wav.crdownload", "a.mp3.partial", "a.tmp", "a.filepart", "~$a.wav", ".a.wav.Xy12ab"])
        put(join(folder, name))
      put(join(folder, ".hidden/a.wav"))
      put(join(folder, "old/deep/a.wav"))
      put(join(folder, "good.wav"))
      put(join(folder, "bad.wav"))
      symlinkSync(outside, join(folder, "folder"))
      symlinkSync(join(outside, "secret.wav"), join(folder, "link.wav"))
      // A hard link is a file like any other: nothing tells which of its names came first.
      linkSync(join(folder, "good.wav"), join(folder, "good too.wav"))
      symlinkSync(outside, join(folder, "old link"))
      symlinkSync(join(outside, "secret.wav"), join(folder, "bad.link.wav"))
      const exclude = ["old/**", "old link", "bad.*"]
      const { counts, found, ignored, refused } = yield* all({ folder, include: ["**"], exclude, listsIgnored: true })
      expect(names(found)).toEqual(["good too.wav", "good.wav"])
      expect(refused).toEqual([])
      expect(counts.links).toBe(2)
      expect(ignored.flatMap(({ listed }) => listed)).toEqual([
        { path: join(folder, "folder"), reason: "link" },
        { path: join(folder, "link.wav"), reason: "link" }
      ])
    }).pipe(Effect.provide(alone))
  )

  it.scoped("refuses what looks like media and is no file, and goes on", () =>
    Effect.gen(function* () {
      const folder = yield* root
      put(join(folder, "good.wav"))
      put(join(folder, "album.wav/inside.wav"))
      symlinkSync(join(folder, "nowhere"), join(folder, "broken.wav"))
      symlinkSync("loop.wav", join(folder, "loop.wav"))
      execFileSync("mkfifo", [join(folder, "pipe.wav")])
      const server = yield* Effect.acquireRelease(
        Effect.sync(() => createServer().listen(join(folder, "socket.wav"))),
        (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
      )
      yield* Effect.promise(() =>
        server.listening ? Promise.resolve() : new Promise((resolve) => server.once("listening", resolve))
      )
      const { counts, found, refused } = yield* all({ folder, ...globs })
      expect(names(found)).toEqual(["album.wav/inside.wav", "good.wav"])
      expect(Object.fromEntries(refused.map(({ error, relativePath }) => [relativePath, error.code]))).toEqual({
        "album.wav": "FolderNamedLikeFile",
        "broken.wav": "LinkBroken",
        "loop.wav": "LinkBroken",
        "pipe.wav": "SpecialFile",
        "socket.wav": "SpecialFile"
      })
      expect(refused.every(({ error }) => error.help !== "" && error.retry === "never")).toBe(true)
      expect(counts.refused).toBe(5)
    }).pipe(Effect.provide(alone))
  )

  it.scoped("keeps what it refused, until something else is there", () =>
    Effect.gen(function* () {
      const folder = yield* root
      put(join(folder, "good.wav"))
      put(join(folder, "album.wav/inside.wav"))
      symlinkSync(join(folder, "nowhere"), join(folder, "broken.wav"))
      symlinkSync("loop.wav", join(folder, "loop.wav"))
      yield* Effect.gen(function* () {
        const request = { folder, ...globs, against: { pipeline: "sounds", plan: yield* plan("one") } }
        const found = (yield* all(request)).found
        const [stamp] = found
        // Rows that were written while the scan was under way: it didn't meet them when it refused what they stand for.
        const scanner = yield* Scanner.Scanner
        const refusals = ["album.wav", "broken.wav", "loop.wav"]
        const gone: Array<string> = []
        let written = false
        yield* Stream.runForEach(scanner.scan(request), (piece) =>
          Effect.gen(function* () {
            if (piece._tag === "Gone") gone.push(...piece.files.map(({ path }) => path))
            if (piece._tag !== "Refused" || written || stamp === undefined) return
            written = true
            yield* done(
              refusals.map((relativePath) => ({ ...stamp, relativePath, path: join(folder, relativePath) })),
              1
            )
          })
        )
        expect(gone).toEqual([])
        expect((yield* all(request)).gone).toEqual([])
        rmSync(join(folder, "broken.wav"))
        rmSync(join(folder, "loop.wav"))
        symlinkSync(join(folder, "good.wav"), join(folder, "loop.wav"))
        expect((yield* all(request)).gone.map(({ path }) => basename(path)).sort()).toEqual(["broken.wav", "loop.wav"])
      }).pipe(Effect.provide(stored(join(yield* root, "state"))))
    })
  )

  it.scoped("refuses names for which a glob would try every way there is, and goes on", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const long = `${"a".repeat(60)}.wav`
      for (const name of ["aab", "ab", long]) put(join(folder, name))
      const { found, refused } = yield* all({ folder, include: ["*(a|a*)*b", "plain.wav"], exclude: [] })
      expect(names(found)).toEqual(["aab", "ab"])
      expect(refused).toMatchObject([{ relativePath: long, error: { code: "GlobTooSlow" } }])
      const left = yield* all({ folder, include: ["**"], exclude: ["*(a|a*)*b"] })
      expect(names(left.found)).toEqual([])
      expect(left.refused).toMatchObject([{ relativePath: long, error: { code: "GlobTooSlow" } }])
      const taken = yield* all({ folder, include: ["*(a|a*)*b", "*.wav"], exclude: [] })
      expect(names(taken.found)).toEqual(["aab", "ab", long].sort())
    }).pipe(Effect.provide(alone))
  )

  it.scoped.skipIf(process.getuid?.() === 0)("refuses a folder that it may not list", () =>
    Effect.gen(function* () {
      const folder = yield* root
      put(join(folder, "locked/a.wav"))
      put(join(folder, "b.wav"))
      chmodSync(join(folder, "locked"), 0)
      yield* Effect.gen(function* () {
        const against = { pipeline: "sounds", plan: yield* plan("one") }
        for (const request of [
          { folder, exclude: [], against },
          { folder, ...globs, against }
        ]) {
          const { found, refused } = yield* all(request)
          expect(names(found)).toEqual(["b.wav"])
          expect(refused.map(({ error }) => error.code)).toEqual(["FolderUnreadable"])
          const [stamp] = found
          if (stamp === undefined) return
          yield* done([{ ...stamp, relativePath: "locked", path: join(folder, "locked") }], 1)
          expect((yield* all(request)).gone).toEqual([])
          chmodSync(join(folder, "locked"), 0o700)
          expect((yield* all(request)).gone.map(({ path }) => basename(path))).toEqual(["locked"])
          chmodSync(join(folder, "locked"), 0)
        }
      }).pipe(Effect.provide(stored(join(yield* root, "state"))))
      chmodSync(join(folder, "locked"), 0o700)
    })
  )

  it.scoped("says so when the folder isn't there", () =>
    Effect.gen(function* () {
      const folder = yield* root
      put(join(folder, "a.wav"))
      const codes = yield* Effect.forEach([join(folder, "nowhere"), join(folder, "a.wav")], (folder) =>
        Effect.map(Effect.flip(all({ folder, ...globs })), (error) => error.code)
      )
      expect(codes).toEqual(["FolderMissing", "FolderMissing"])
    }).pipe(Effect.provide(alone))
  )

  it.scoped("gives only what has work to do, and says what is gone", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const state = yield* root
      for (const name of ["same.wav", "changed.wav", "renamed.wav", "removed.wav", "sub/removed.wav"]) put(join(folder, name))
      yield* Effect.gen(function* () {
        const first = yield* plan("one")
        const request = { folder, ...globs, against: { pipeline: "sounds", plan: first } }
        const initial = yield* all(request)
        expect(initial.found.map(({ status }) => status)).toEqual(Array(5).fill("new"))
        const rows = yield* done(initial.found, first)
        const rowOf = (name: string) => rows[initial.found.findIndex((file) => file.relativePath === name)]

        const again = yield* all(request)
        expect(again.found).toEqual([])
        expect(again.counts).toEqual({
          files: 5,
          unchanged: 5,
          found: 0,
          refused: 0,
          ignored: 0,
          links: 0,
          folders: 1,
          known: 5,
          gone: 0
        })

        put(join(folder, "changed.wav"), "louder")
        put(join(folder, "added.wav"))
        renameSync(join(folder, "renamed.wav"), join(folder, "other.wav"))
        unlinkSync(join(folder, "removed.wav"))
        rmSync(join(folder, "sub"), { recursive: true })
        const changed = yield* all(request)
        expect(Object.fromEntries(changed.found.map(({ item, relativePath, status }) => [relativePath, [status, item]]))).toEqual(
          {
            "added.wav": ["new", undefined],
            "other.wav": ["new", undefined],
            "changed.wav": ["changed", rowOf("changed.wav")]
          }
        )
        expect(Object.fromEntries(changed.gone.map(({ item, path }) => [path, item]))).toEqual(
          Object.fromEntries(["renamed.wav", "removed.wav", "sub/removed.wav"].map((name) => [join(folder, name), rowOf(name)]))
        )
        expect(changed.counts).toMatchObject({ unchanged: 1, found: 3, known: 5, gone: 3 })

        // What include no longer asks for isn't gone.
        const narrowed = yield* all({ ...request, include: ["same.wav"] })
        expect(narrowed.counts).toMatchObject({ unchanged: 1, found: 0, known: 1, gone: 0 })

        const other = yield* all({ ...request, against: { pipeline: "sounds", plan: yield* plan("two") } })
        expect(other.found.find(({ relativePath }) => relativePath === "same.wav")).toMatchObject({
          status: "unfinished",
          item: rowOf("same.wav")
        })
      }).pipe(Effect.provide(stored(join(state, ".spool"))))
    })
  )

  it.scoped("knows its own outputs and state folder", () =>
    Effect.gen(function* () {
      const folder = yield* root
      put(join(folder, "in.wav"))
      put(join(folder, "out.wav"))
      const state = join(folder, "state")
      yield* Effect.gen(function* () {
        put(join(state, "artifacts/aa/copy.wav"))
        const database = yield* Database
        yield* database.write([
          { sql: "INSERT INTO output (path, hash) VALUES (?, '')", values: [RawPath.toBytes(join(folder, "out.wav"))] }
        ])
        const { found } = yield* all({ folder, ...globs, against: { pipeline: "sounds", plan: yield* plan("one") } })
        expect(names(found)).toEqual(["in.wav"])
      }).pipe(Effect.provide(stored(state)))
    })
  )

  it.scoped(
    "takes nothing of a state folder that was left behind in the source, nor of a worker's, and what lies beside it",
    () =>
      Effect.gen(function* () {
        const folder = yield* root
        const state = yield* root
        yield* Effect.scoped(Effect.provide(Effect.asVoid(Database), Store.layer(join(folder, "old"))))
        for (const name of ["old/artifacts/aa/copy.wav", "old/previews/a.wav", "old/mine.wav", "songs/artifacts/take.wav"])
          put(join(folder, name))
        for (const name of ["work/cache/a.wav", "work/temporary/b/job/copy.wav", "work/owners/c.lock"]) put(join(folder, name))
        yield* Effect.gen(function* () {
          const request = { folder, ...globs, against: { pipeline: "sounds", plan: yield* plan("one") } }
          const taken = ["old/mine.wav", "songs/artifacts/take.wav"]
          expect(names((yield* all(request)).found)).toEqual(taken)
          const looked = yield* (yield* Scanner.Scanner).look(request, ["old/artifacts/aa/copy.wav", "old/artifacts", ...taken])
          expect([names(looked.found), looked.folders]).toEqual([taken, []])
        }).pipe(Effect.provide(stored(join(state, ".spool"))))
      })
  )

  it.scoped("looks at single folders and single paths as a scan would", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const state = yield* root
      for (const name of ["a.wav", "sub/b.wav", "sub/deep/c.wav", "other/d.wav"]) put(join(folder, name))
      yield* Effect.gen(function* () {
        const scanner = yield* Scanner.Scanner
        const request = { folder, ...globs, exclude: ["other"], against: { pipeline: "sounds", plan: yield* plan("one") } }
        expect(names((yield* all({ ...request, within: [{ relativePath: "sub", deep: false }] })).found)).toEqual(["sub/b.wav"])
        const initial = yield* all({ ...request, within: [{ relativePath: "", deep: true }] })
        yield* done(initial.found, request.against.plan)

        unlinkSync(join(folder, "sub/b.wav"))
        unlinkSync(join(folder, "sub/deep/c.wav"))
        symlinkSync(tmpdir(), join(folder, "out"))
        const shallow = yield* all({ ...request, within: [{ relativePath: "sub", deep: false }] })
        expect(shallow.counts).toMatchObject({ known: 1, gone: 1 })

        put(join(folder, "new.wav"))
        const looked = yield* scanner.look(request, [
          "a.wav",
          "new.wav",
          "sub/b.wav",
          "sub/deep",
          "never.wav",
          "other/d.wav",
          ".x.wav",
          "out/y.wav"
        ])
        expect(names(looked.found)).toEqual(["new.wav"])
        expect(looked.gone).toEqual(shallow.gone)
        expect(looked.folders).toEqual(["sub/deep"])
        const [stamp, nothing] = yield* scanner.stamps([join(folder, "new.wav"), join(folder, "sub")])
        expect(stamp?.size).toBe(5n)
        expect(nothing).toBeUndefined()
      }).pipe(Effect.provide(stored(join(state, ".spool"))))
    })
  )

  it.scoped("walks a large tree with two threads, and meets everything once", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const state = yield* root
      const wanted = Array.from({ length: 40 * 30 }, (_, i) => `${i % 40}/deep/${i}.wav`)
      for (const name of wanted) put(join(folder, name))
      yield* Effect.gen(function* () {
        const first = yield* plan("one")
        const request = { folder, ...globs, against: { pipeline: "sounds", plan: first } }
        const initial = yield* all(request)
        expect(names(initial.found)).toEqual([...wanted].sort())
        expect(initial.counts).toMatchObject({ found: wanted.length, folders: 80, known: 0 })
        yield* done(initial.found, first)
        rmSync(join(folder, "7"), { recursive: true })
        const { counts } = yield* all(request)
        expect(counts).toMatchObject({ unchanged: wanted.length - 30, found: 0, folders: 78, known: wanted.length, gone: 30 })
      }).pipe(Effect.provide(stored(join(state, ".spool"))))
    })
  )

  it.scoped("takes by content what its name doesn't tell, and remembers what is no media", () =>
    Effect.gen(function* () {
      const folder = yield* root
      const state = yield* root
      const wave = `RIFF\x24\0\0\0WAVEfmt ${"\0".repeat(40)}`
      const media = ["take", "memo.2024", "sub/clip.ts", "known.wav"]
      for (const name of media) put(join(folder, name), wave)
      // Nothing but its name speaks of this one: the scan doesn't open it, and the media engine will say what it is.
      put(join(folder, "damaged.mp3"), "words")
      const none = {
        "notes.txt": wave,
        "cover.JPG": wave,
        "song.mid": wave,
        README: "words",
        "code.ts": "let x",
        "sub/tune": "MThd\0"
      }
      for (const [name, text] of Object.entries(none)) put(join(folder, name), text)
      put(join(folder, "nothing"), "")
      put(join(folder, "out/of/sight"), wave)
      symlinkSync(join(folder, "nowhere"), join(folder, "broken"))
      // What changed a moment ago may change again without another time, and isn't remembered.
      yield* Effect.promise(() => setTimeout(150))
      yield* Effect.gen(function* () {
        const database = yield* Database
        const against = { pipeline: "sounds", plan: yield* plan("one") }
        const request = { folder, exclude: ["out/**"], against, listsIgnored: true }
        const scanned = Effect.tap(all(request), ({ ignored }) => Effect.forEach(ignored, LookedFiles.remember))
        const reasons = ({ ignored }: Effect.Effect.Success<ReturnType<typeof all>>) =>
          Object.fromEntries(
            ignored.flatMap(({ listed }) => listed.map(({ path, reason }) => [path.slice(folder.length + 1), reason] as const))
          )
        const expected = {
          "notes.txt": "text",
          "cover.JPG": "picture",
          "song.mid": "midi",
          README: "text",
          "code.ts": "text",
          "sub/tune": "midi",
          nothing: "empty"
        }

        const first = yield* scanned
        expect(names(first.found)).toEqual([...media, "damaged.mp3"].sort())
        expect(names(first.found.filter(({ byContent }) => byContent))).toEqual(["memo.2024", "sub/clip.ts", "take"])
        expect(reasons(first)).toEqual(expected)
        expect(first.refused).toEqual([])
        yield* done(first.found, against.plan)

        // What was remembered is what is told: the files are not opened.
        yield* database.write([{ sql: "UPDATE ignored_file SET reason = 'archive'", values: [] }])
        const again = yield* scanned
        expect(again.counts).toMatchObject({ unchanged: 5, found: 0, ignored: 7 })
        expect(reasons(again)).toEqual({ ...expected, README: "archive", "code.ts": "archive", "sub/tune": "archive" })

        // A file that has changed is looked at again; what is gone is forgotten.
        put(join(folder, "README"), wave)
        put(join(folder, "code.ts"), "let y = 2")
        rmSync(join(folder, "sub/tune"))
        const changed = yield* scanned
        expect(names(changed.found)).toEqual(["README"])
        expect(reasons(changed)).toEqual({
          "notes.txt": "text",
          "cover.JPG": "picture",
          "song.mid": "midi",
          "code.ts": "text",
          nothing: "empty"
        })
        expect(database.rows("SELECT 1 FROM ignored_file WHERE name = ?", [Buffer.from("tune")])).toEqual([])

        // A look at one path says the same as a scan.
        const scanner = yield* Scanner.Scanner
        put(join(folder, "late"), wave)
        const looked = yield* scanner.look(request, ["late", "nothing", "notes.txt", "out/of/sight"])
        expect(names(looked.found)).toEqual(["late"])
        expect(looked.ignored.counts).toEqual({ empty: 1 })
      }).pipe(Effect.provide(stored(join(state, ".spool"))))
    })
  )

  it.scoped("can be left in the middle", () =>
    Effect.gen(function* () {
      const folder = yield* root
      for (let i = 0; i < 2_500; i++) put(join(folder, `${i}.wav`))
      const scanner = yield* Scanner.Scanner
      const some = yield* Stream.runCollect(Stream.take(scanner.scan({ folder, ...globs }), 1))
      expect(Chunk.size(some)).toBe(1)
      expect((yield* all({ folder, ...globs })).counts.found).toBe(2_500)
    }).pipe(Effect.provide(alone))
  )
})
