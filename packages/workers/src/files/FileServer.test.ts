import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { createHash } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import * as FileCache from "./FileCache.js"
import * as FileServer from "./FileServer.js"
import { deliver, fetch, type FileSource } from "./FileTransfer.js"

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "mediaspool-files-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const serving = (path: string) => FileServer.make({ host: "127.0.0.1", port: 0, folder: path })

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

/** A file of so many bytes, the same for the same seed. */
const file = (path: string, size: number, seed = 1) => {
  const bytes = Buffer.alloc(size, createHash("sha256").update(String(seed)).digest())
  writeFileSync(path, bytes)
  return { hash: sha256(bytes), size, extension: ".wav", bytes }
}

describe("A coordinator's files", () => {
  it.scoped("are fetched by their hash, with the token, while they are offered", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const { bytes, hash } = file(join(path, "a.wav"), 300_000)
      server.offer(hash, join(path, "a.wav"))
      yield* fetch(Effect.succeed(server), hash, join(path, "b.wav"))
      expect(readFileSync(join(path, "b.wav")).equals(bytes)).toBe(true)
      const status = (url: string, token: string, method = "GET") =>
        Effect.promise(() => globalThis.fetch(`${server.url}${url}`, { method, headers: { authorization: `Bearer ${token}` } }))
      expect((yield* status(`/files/${hash}`, "another")).status).toBe(401)
      expect((yield* Effect.promise(() => globalThis.fetch(`${server.url}/files/${hash}`))).status).toBe(401)
      expect((yield* status("/files/..%2fa.wav", server.token)).status).toBe(400)
      expect((yield* status("/results/job/slot/one", server.token, "PUT")).status).toBe(409)
      server.withdraw(hash)
      expect((yield* status(`/files/${hash}`, server.token)).status).toBe(404)
    })
  )

  it.scopedLive("wait for a coordinator that is away, and are fetched from where it is then", () =>
    Effect.gen(function* () {
      const path = folder()
      const { bytes, hash } = file(join(path, "a.wav"), 1_000)
      const gone = yield* Effect.scoped(serving(path))
      let now: FileSource = { url: gone.url, token: gone.token }
      const fetched = yield* Effect.fork(
        fetch(
          Effect.sync(() => now),
          hash,
          join(path, "b.wav")
        )
      )
      yield* Effect.sleep("100 millis")
      const server = yield* serving(path)
      server.offer(hash, join(path, "a.wav"))
      now = server
      yield* Fiber.join(fetched)
      expect(readFileSync(join(path, "b.wav")).equals(bytes)).toBe(true)
    })
  )

  it.scopedLive("are not waited for at an address that means the worker's own machine", () =>
    Effect.gen(function* () {
      const path = folder()
      const { hash, size } = file(join(path, "a.wav"), 1_000)
      const closed = yield* Effect.scoped(serving(path))
      const source = Effect.succeed({ url: closed.url, token: closed.token, host: "studio" })
      const why = expect.stringMatching(/it means this machine \(.+\) and the coordinator is studio; set `workers\.listen`/)
      expect(yield* Effect.flip(fetch(source, hash, join(path, "b.wav")))).toMatchObject({ code: "FileNotFetched", message: why })
      const names = { job: "job-1", slot: "audio", delivery: "one" }
      expect(yield* Effect.flip(deliver(source, names, { path: join(path, "a.wav"), size }))).toMatchObject({
        code: "ResultNotDelivered",
        message: why
      })
    })
  )

  it.scopedLive("are served at every address, and called at the one that others see; behind a proxy, below its path", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* FileServer.make({ host: "0.0.0.0", ownAddress: "127.0.0.1", port: 0, folder: path })
      expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      const asked = new Array<string>()
      const proxy = createServer((request, response) => {
        asked.push(request.url ?? "")
        response.writeHead(410).end()
      })
      onTestFinished(() => void proxy.close())
      const port = yield* Effect.async<number>((resume) => {
        proxy.listen(0, "127.0.0.1", () => {
          const address = proxy.address()
          resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
        })
      })
      const source = Effect.succeed({ url: `http://127.0.0.1:${port}/spool/`, token: "t" })
      yield* Effect.flip(fetch(source, "abc", join(path, "b.wav")))
      expect(asked).toEqual(["/spool/files/abc"])
    })
  )

  it.scoped("go on where a broken connection left them", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const { bytes, hash } = file(join(path, "a.wav"), 1_000_000)
      server.offer(hash, join(path, "a.wav"))
      writeFileSync(join(path, "b.wav"), bytes.subarray(0, 400_000))
      yield* fetch(Effect.succeed(server), hash, join(path, "b.wav"))
      expect(readFileSync(join(path, "b.wav")).equals(bytes)).toBe(true)
    })
  )

  it.scoped.each([200_000, 1_500_000])("are fetched once for all who need them, and verified: %i bytes", (size) =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const about = file(join(path, "a.wav"), size)
      server.offer(about.hash, join(path, "a.wav"))
      const cache = yield* FileCache.make(join(path, "cache"), 1e9, () => Effect.succeed(server))
      const open = Effect.scoped(cache.open(about, "c"))
      const paths = yield* Effect.all(
        Array.from({ length: 8 }, () => open),
        { concurrency: "unbounded" }
      )
      expect(new Set(paths).size).toBe(1)
      expect(yield* Effect.promise(() => readdir(join(path, "cache")))).toEqual([`${about.hash}.wav`])
      server.withdraw(about.hash)
      const kept = yield* open
      // What was damaged since is fetched again, also where size and time are put back.
      server.offer(about.hash, join(path, "a.wav"))
      const { atime, mtime } = statSync(kept)
      writeFileSync(kept, Buffer.alloc(size))
      utimesSync(kept, atime, mtime)
      expect(readFileSync(yield* open).equals(about.bytes)).toBe(true)
      truncateSync(kept, 10)
      const second = yield* FileCache.make(join(path, "cache"), 1e9, () => Effect.succeed(server))
      expect(readFileSync(yield* second.open(about, "c")).equals(about.bytes)).toBe(true)
    })
  )

  it.scopedLive("that became others are refused by their hash", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const about = file(join(path, "a.wav"), 1_000)
      server.offer(about.hash, join(path, "a.wav"))
      file(join(path, "a.wav"), 1_000, 2)
      const cache = yield* FileCache.make(join(path, "cache"), 1e9, () => Effect.succeed(server))
      expect(yield* Effect.flip(cache.open(about, "c"))).toMatchObject({ code: "FileNotFetched" })
      expect(yield* Effect.promise(() => readdir(join(path, "cache")))).toEqual([])
    })
  )

  it.scopedLive("that are gone are not waited for", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const about = file(join(path, "a.wav"), 1_000)
      server.offer(about.hash, join(path, "a.wav"))
      rmSync(join(path, "a.wav"))
      const cache = yield* FileCache.make(join(path, "cache"), 1e9, () => Effect.succeed(server))
      expect(yield* Effect.flip(cache.open(about, "c"))).toMatchObject({
        code: "FileNotFetched",
        message: expect.stringContaining("the file is not there any more")
      })
    })
  )

  it.scoped("stay in a cache that another worker shares while they are in use", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const open = (cache: FileCache.FileCache, seed: number) => {
        const about = file(join(path, `${seed}.wav`), 1_000, seed)
        server.offer(about.hash, join(path, `${seed}.wav`))
        return cache.open(about, "c")
      }
      const caches = Effect.all([1, 2].map(() => FileCache.make(join(path, "cache"), 1_500, () => Effect.succeed(server))))
      const [ours, theirs] = yield* caches
      if (!ours || !theirs) return
      const held = yield* open(ours, 1)
      yield* Effect.scoped(open(theirs, 2))
      const last = yield* Effect.scoped(open(theirs, 3))
      expect([existsSync(held), existsSync(last)]).toEqual([true, true])
      // A worker that died touches nothing any more.
      utimesSync(held, 1, 1)
      yield* Effect.scoped(open(theirs, 4))
      expect(existsSync(held)).toBe(false)
    })
  )

  it.scoped("leave the cache where the disk gets full, before the next one comes", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      let room = Infinity
      const cache = yield* FileCache.make(
        join(path, "cache"),
        1e9,
        () => Effect.succeed(server),
        () => room
      )
      const open = (seed: number) => {
        const about = file(join(path, `${seed}.wav`), 1_000, seed)
        server.offer(about.hash, join(path, `${seed}.wav`))
        return Effect.as(cache.open(about, "c"), `${about.hash}.wav`)
      }
      yield* Effect.scoped(open(1))
      const held = yield* open(2)
      room = 0
      const last = yield* open(3)
      expect((yield* Effect.promise(() => readdir(join(path, "cache")))).sort()).toEqual([held, last].sort())
    })
  )

  it.scoped("leave the cache when it is full: what was not used for longest first, never what is in use", () =>
    Effect.gen(function* () {
      const path = folder()
      const server = yield* serving(path)
      const cache = yield* FileCache.make(join(path, "cache"), 2_500, () => Effect.succeed(server))
      const files = [1, 2, 3, 4].map((seed) => ({
        ...file(join(path, `${seed}.wav`), 1_000, seed),
        path: join(path, `${seed}.wav`)
      }))
      for (const { hash, path } of files) server.offer(hash, path)
      const [first, second, third, fourth] = files
      if (!first || !second || !third || !fourth) return
      const held = yield* cache.open(first, "c")
      utimesSync(held, 1, 1)
      yield* Effect.scoped(cache.open(second, "c"))
      yield* Effect.scoped(cache.open(third, "c"))
      yield* Effect.scoped(cache.open(fourth, "c"))
      expect(existsSync(held)).toBe(true)
      expect(existsSync(join(path, "cache", `${second.hash}.wav`))).toBe(false)
      expect(statSync(join(path, "cache", `${fourth.hash}.wav`)).size).toBe(1_000)
    })
  )
})

describe("A worker's results", () => {
  it.scopedLive.each([500_000, 1_500_000])(
    "are delivered, also to a coordinator that awaits them a moment later: %i bytes",
    (size) =>
      Effect.gen(function* () {
        const path = folder()
        const server = yield* serving(path)
        const { bytes } = file(join(path, "copy.mp3"), size)
        const names = { job: "job-1", slot: "audio", delivery: "one" }
        const delivery = yield* Effect.fork(deliver(Effect.succeed(server), names, { path: join(path, "copy.mp3"), size }))
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
        server.expect("job-1")
        yield* Fiber.join(delivery)
        expect(readFileSync(server.delivered("job-1", "audio", "one")).equals(bytes)).toBe(true)
      })
  )
})
