import { describe, expect, it } from "@effect/vitest"
import { Database, Library } from "@mediaspool/core"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect, Option, Schedule, type Scope } from "effect"
import { spawnSync } from "node:child_process"
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { request } from "node:https"
import { createRequire } from "node:module"
import { join } from "node:path"
import { type Answer, ask, folder, library, serving, signed, signIn } from "./Serving.fixture.js"

const password = "correct horse battery"
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0
if (!hasOpenssl) console.warn("The page's test of TLS is SKIPPED: there is no openssl (Debian: apt install openssl).")

/** Both engines where both are there: ffmpeg, which asks node-av for what it can't do, and node-av alone. */
const hasNodeAv = Option.isSome(
  Option.liftThrowable(() => createRequire(new URL("../../plugins/package.json", import.meta.url)).resolve("node-av"))()
)
const engines = hasNodeAv ? (["auto", "node-av"] as const) : (["auto"] as const)

/** A certificate for 127.0.0.1 that nobody else trusts. */
const certificate = (place: string) => {
  const [cert, key] = [join(place, "cert.pem"), join(place, "key.pem")]
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
  spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", ...subject])
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") }
}

const signInWith = (port: number, origin: string, host: string) =>
  ask(port, "POST", "/api/session", { origin, host, "content-type": "application/json" }, JSON.stringify({ password }))

const overTls = (port: number, ca: string, path: string, body?: string): Effect.Effect<Answer> =>
  Effect.async((resume) => {
    const headers = { origin: `https://127.0.0.1:${port}`, "content-type": "application/json" }
    const method = body === undefined ? "GET" : "POST"
    request({ host: "127.0.0.1", port, path, method, ca, headers }, (answer) => {
      const parts: Array<Buffer> = []
      answer.on("data", (part: Buffer) => parts.push(part))
      answer.on("end", () =>
        resume(Effect.succeed({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }))
      )
    })
      .on("error", (error) => resume(Effect.succeed({ status: 0, headers: {}, body: String(error) })))
      .end(body)
  })

/** A window that listens to what happens; gives all that it has heard so far. */
const listening = (port: number, headers: Readonly<Record<string, string>>): Effect.Effect<() => string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const parts: Array<Buffer> = []
        const asked = get({ host: "127.0.0.1", port, path: "/api/events", agent: false, headers }, (answer) =>
          answer.on("data", (part: Buffer) => parts.push(part))
        )
        asked.on("error", () => undefined)
        return { asked, parts }
      }),
      ({ asked }) => Effect.sync(() => asked.destroy())
    ),
    ({ parts }) =>
      () =>
        Buffer.concat(parts).toString()
  )

const heard = (said: () => string, words: string) =>
  Effect.map(
    Effect.repeat(Effect.sync(said), { until: (text) => text.includes(words), schedule: Schedule.spaced("50 millis") }),
    said
  )

const aiff = SampleMedia.aiff("tone", { seconds: 1, sampleRate: 8000 })

describe("the server", () => {
  it.scopedLive("behind a proxy goes by the name that the browser sees, and lets in with the password", () =>
    Effect.gen(function* () {
      const origin = "https://media.example.org"
      const { port } = yield* serving(yield* folder, { origin, password })
      expect((yield* ask(port, "GET", "/", { host: "media.example.org" })).status).toBe(200)
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "media.example.org.evil.example"])
        expect([host, (yield* ask(port, "GET", "/", { host })).status]).toEqual([host, 403])
      const signedIn = yield* signInWith(port, origin, "media.example.org")
      expect(signedIn.headers["set-cookie"]?.[0]).toMatch(/^__Host-mediaspool=[\w-]{43};.*Secure.*SameSite=Strict/)
      expect((yield* signInWith(port, "http://media.example.org", "media.example.org")).status).toBe(403)
    })
  )

  it.scopedLive.skipIf(!hasOpenssl)("with a certificate speaks TLS alone, and gives a cookie that goes over TLS alone", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const tls = certificate(place)
      const { port, url } = yield* serving(place, { tls, password })
      expect(url).toBe(`https://127.0.0.1:${port}`)
      expect((yield* overTls(port, tls.cert, "/")).status).toBe(200)
      const signedIn = yield* overTls(port, tls.cert, "/api/session", JSON.stringify({ password }))
      expect(signedIn.status).toBe(200)
      expect(signedIn.headers["set-cookie"]?.[0]).toMatch(/^__Host-mediaspool=.*Secure/)
      expect((yield* ask(port, "GET", "/")).status).toBe(0)
    })
  )

  it.scopedLive("says that its port is taken, and finds a free one for 0", () =>
    Effect.gen(function* () {
      const first = yield* serving(yield* folder)
      const taken = yield* Effect.flip(serving(yield* folder, { port: first.port }))
      expect(taken).toMatchObject({ _tag: "ServeError", code: "PortTaken" })
      expect(taken.message).toContain(String(first.port))
      expect((yield* serving(yield* folder)).port).not.toBe(first.port)
      const refused = yield* Effect.flip(serving(yield* folder, { address: "203.0.113.1" }))
      expect(refused).toMatchObject({ code: "ListenRefused" })
    })
  )

  it.scopedLive("tells twenty windows at once, and one that was away what it missed", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* library(state, Effect.void)
      const { link, port } = yield* serving(state)
      const window = { ...signed(yield* signIn(port, yield* link)), host: `127.0.0.1:${port}` }
      const change = ask(port, "POST", "/api/failures/requeue", window, "{}")
      const away = yield* Effect.scoped(
        Effect.gen(function* () {
          const windows = yield* Effect.forEach(Array.from({ length: 20 }), () => listening(port, window))
          yield* Effect.forEach(windows, (said) => heard(said, "retry:"), { concurrency: "unbounded" })
          expect((yield* change).status).toBe(200)
          const texts = yield* Effect.forEach(windows, (said) => heard(said, "event: library"), { concurrency: "unbounded" })
          return /^id: (\S+)\nevent: library/m.exec(texts[0] ?? "")?.[1] ?? ""
        })
      )
      expect((yield* change).status).toBe(200)
      const back = yield* listening(port, { ...window, "last-event-id": away })
      const missed = yield* heard(back, "event: library")
      expect(missed).not.toContain(`id: ${away}\n`)
      expect(missed).not.toContain("event: reset")
    })
  )

  it.scopedLive("says what sounds like a file by an index that it makes beside the library", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const vectorOf = (n: number) => Buffer.from(Float32Array.from({ length: 8 }, (_, i) => (i === 0 ? n : 0.5)).buffer)
      yield* library(
        state,
        Effect.flatMap(Library, ({ write }) =>
          write(
            [1, 2, 3, 4].flatMap((n) => [
              {
                sql: `INSERT INTO media (id, content_hash, path, media_type, size_bytes, added_at, changed_at)
                  VALUES (?, ?, ?, 'audio/wav', 1, '2026-01-01', '2026-01-01')`,
                values: [n, `h${n}`, `/sounds/${n}.wav`]
              },
              {
                sql: "INSERT INTO vector (media_id, pipeline, node, model, provider, dimensions, data) VALUES (?, 'p', 'n', 'timbre@1', 'x', 8, ?)",
                values: [n, vectorOf(n * n)]
              }
            ])
          )
        )
      )
      const { link, port } = yield* serving(state)
      const window = { ...signed(yield* signIn(port, yield* link)), host: `127.0.0.1:${port}` }
      const { body, status } = yield* ask(port, "GET", "/api/items/3/alike", window)
      expect(status).toBe(200)
      expect([...body.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id))).toEqual([2, 4, 1])
      expect(existsSync(join(state, "vectors.db"))).toBe(true)
    })
  )

  it.scopedLive.each(engines)(
    "plays what no browser plays from a copy that is made once, and says when the file has gone: %s",
    (engine) =>
      Effect.gen(function* () {
        const state = yield* folder
        const file = join(state, "lake.aiff")
        writeFileSync(file, aiff)
        yield* library(
          state,
          Effect.flatMap(Database, (database) =>
            database.write([
              {
                sql: `INSERT INTO media (content_hash, path, size_bytes, media_type, container, audio_codec, duration_seconds, added_at, changed_at)
                VALUES (?, ?, ?, 'audio/aiff', 'aiff', 'pcm_s16be', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
                values: ["c".repeat(64), file, aiff.length]
              }
            ])
          )
        )
        const { link, port } = yield* serving(state, { engine })
        const window = signed(yield* signIn(port, yield* link))
        const sound = (range: string) => ask(port, "GET", "/api/items/1/sound", { ...window, range })
        const [first, second] = yield* Effect.all([sound("bytes=0-99"), sound("bytes=100-199")], { concurrency: 2 })
        expect([first.status, first.headers["content-type"], first.headers["content-length"]]).toEqual([206, "audio/mp4", "100"])
        expect(second.headers["content-range"]).toMatch(/^bytes 100-199\/\d+$/)
        const head = yield* ask(port, "HEAD", "/api/items/1/sound", window)
        expect([head.status, head.body]).toEqual([200, ""])
        expect((yield* sound("bytes=999999999-")).status).toBe(416)
        const etag = String(first.headers["etag"])
        expect((yield* ask(port, "GET", "/api/items/1/sound", { ...window, "if-none-match": etag })).status).toBe(304)
        rmSync(join(state, "previews"), { recursive: true })
        rmSync(file)
        const gone = yield* ask(port, "GET", "/api/items/1/sound", window)
        expect([gone.status, JSON.parse(gone.body).code]).toEqual([404, "FileGone"])
        appendFileSync(file, "another")
        expect(JSON.parse((yield* ask(port, "GET", "/api/items/1/sound", window)).body).code).toBe("FileGone")
        expect((yield* ask(port, "GET", "/api/items/2/sound", window)).status).toBe(404)
      })
  )
})
