import { HttpApi } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { type ClientRequest, request } from "node:http"
import { join } from "node:path"
import { Api } from "../Api.js"
import { ask, folder, library, serving, signed, signIn } from "../Serving.fixture.js"

/** Every route of the API, with numbers in place of its parameters. */
const routes: Array<readonly [method: string, path: string]> = []
HttpApi.reflect(Api, {
  onGroup: () => undefined,
  onEndpoint: ({ endpoint }) => {
    routes.push([endpoint.method, endpoint.path.replace(/:\w+/g, "1")])
  }
})
const isSignIn = ([method, path]: readonly [string, string]) => method === "POST" && path === "/api/session"
const closed = routes.filter((route) => !isSignIn(route))
const changes = closed.filter(([method]) => method !== "GET")

/** A request whose body has no length. */
const withoutLength = (port: number, method: string, path: string, headers: Readonly<Record<string, string>>) =>
  Effect.async<{ readonly status: number }>((resume) => {
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (answer) => {
        answer.resume()
        resume(Effect.succeed({ status: answer.statusCode ?? 0 }))
      }
    )
    sent.on("error", () => resume(Effect.succeed({ status: 0 })))
    sent.end("{}")
  })

/** A request that is answered, and never ends by itself. */
const held = (port: number, path: string, headers: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.async<ClientRequest>((resume) => {
      const sent = request({ host: "127.0.0.1", port, path, agent: false, headers: { host: `127.0.0.1:${port}`, ...headers } })
      sent.on("response", (answer) => (answer.resume(), resume(Effect.succeed(sent))))
      sent.on("error", () => resume(Effect.succeed(sent)))
      sent.end()
    }),
    (sent) => Effect.sync(() => sent.destroy())
  )

const started = Effect.gen(function* () {
  const state = yield* folder
  yield* library(state, Effect.void)
  const server = yield* serving(state)
  const window = yield* signIn(server.port, yield* server.link)
  return { ...server, window, folder: state }
})

describe("the server's guard", () => {
  it("knows every route, and changes nothing by GET", () => {
    expect(routes.length).toBeGreaterThan(20)
    expect(routes.filter(([method]) => !["GET", "POST", "DELETE"].includes(method))).toEqual([])
    expect(
      closed.filter(([method, path]) => method === "GET" && /requeue|undo|\/run$|stop|pause|resume|drain/.test(path))
    ).toEqual([])
  })

  it.scopedLive("answers 401 to every route without a session, before any routing", () =>
    Effect.gen(function* () {
      const { port } = yield* started
      const origin = `http://127.0.0.1:${port}`
      for (const [method, path] of [...closed, ["GET", "/api/nothing"], ["POST", "/api/nothing"]] as const)
        for (const cookie of ["", "mediaspool=wrong", "mediaspool=", "other=1"])
          expect([method, path, (yield* ask(port, method, path, { origin, cookie })).status]).toEqual([method, path, 401])
    })
  )

  it.scopedLive("answers 403 to every change without the token of its window", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      for (const [method, path] of changes)
        for (const token of ["", "wrong", window.token.slice(1)]) {
          const headers = { ...signed(window), "x-mediaspool-token": token }
          expect([method, path, (yield* ask(port, method, path, headers, "{}")).status]).toEqual([method, path, 403])
        }
    })
  )

  it.scopedLive("answers 403 to every route from another origin, and to every change from none", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      for (const [method, path] of routes) {
        for (const origin of ["http://evil.example", `https://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`, "null"])
          expect([path, origin, (yield* ask(port, method, path, { ...signed(window), origin })).status]).toEqual([
            path,
            origin,
            403
          ])
        if (method === "GET") continue
        const { origin: _, ...without } = signed(window)
        expect([path, (yield* ask(port, method, path, without)).status]).toEqual([path, 403])
      }
      const cross = { ...signed(window), "sec-fetch-site": "cross-site" }
      expect((yield* ask(port, "POST", "/api/corrections", cross, "{}")).status).toBe(403)
    })
  )

  it.scopedLive("answers 403 under a foreign Host, the page's shell too", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      const paths: ReadonlyArray<readonly [string, string]> = [
        ...routes,
        ["GET", "/"],
        ["GET", "/api/openapi.json"],
        ["GET", "/assets/x.js"]
      ]
      for (const [method, path] of paths)
        for (const host of [
          "evil.example",
          `evil.example:${port}`,
          "127.0.0.1",
          `127.0.0.1.evil.example:${port}`,
          `[::1]:${port}`
        ])
          expect([path, host, (yield* ask(port, method, path, { ...signed(window), host })).status]).toEqual([path, host, 403])
      expect((yield* ask(port, "GET", "/", { host: `localhost:${port}` })).status).toBe(200)
    })
  )

  it.scopedLive("leaves open the page's shell and the API's description, and nothing of the library in them", () =>
    Effect.gen(function* () {
      const { port } = yield* started
      for (const path of ["/", "/review", "/run", "/failures"]) {
        const shell = yield* ask(port, "GET", path)
        expect(shell.status).toBe(200)
        expect(shell.body).toContain('<div id="page"></div>')
      }
      const description = yield* ask(port, "GET", "/api/openapi.json")
      expect(description.status).toBe(200)
      expect(JSON.parse(description.body)).toMatchObject({ openapi: "3.1.0", info: { title: "Mediaspool" } })
      expect((yield* ask(port, "POST", "/")).status).toBe(403)
      expect((yield* ask(port, "GET", "/assets/../../../package.json")).status).toBe(404)
      expect((yield* ask(port, "GET", "/assets/%2e%2e/%2e%2e/package.json")).status).toBe(404)
    })
  )

  it.scopedLive("knows no other method for a path than the API's own", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      const known = new Set(routes.map(([method, path]) => `${method} ${path}`))
      for (const path of new Set(routes.map(([, path]) => path)))
        for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          if (known.has(`${method} ${path}`)) continue
          const { status } = yield* ask(port, method, path, signed(window), method === "GET" ? undefined : "{}")
          expect([404, 405], `${method} ${path}: ${status}`).toContain(status)
        }
    })
  )

  it.scopedLive("takes numbers for media, and never a path", () =>
    Effect.gen(function* () {
      const { folder, port, window } = yield* started
      writeFileSync(join(folder, "own.txt"), "harmless words of this test")
      const escaped = encodeURIComponent(join(folder, "own.txt"))
      const ids = ["..", "%2e%2e", "../own.txt", "..%2fown.txt", "..%5cown.txt", escaped, "own.txt", "1%00", "-1", "0", "1.5"]
      for (const id of [
        ...ids,
        "1e999",
        "0x1",
        "NaN",
        "%F0",
        encodeURIComponent("１"),
        "9".repeat(400),
        "1%20OR%201=1",
        "1;2",
        ""
      ])
        for (const end of ["", "/sound", "/captions.vtt", "/alike", "/why?node=probe"]) {
          const { body, status } = yield* ask(port, "GET", `/api/items/${id}${end}`, signed(window))
          expect([400, 404], `${id}${end}: ${status}`).toContain(status)
          expect(body).not.toContain("harmless")
        }
    })
  )

  it.scopedLive("signs in once with a code, by a cookie that no script and no other site has", () =>
    Effect.gen(function* () {
      const server = yield* started
      const link = yield* server.link
      const first = yield* signIn(server.port, link)
      expect(first.answer.status).toBe(200)
      expect(first.answer.headers["set-cookie"]?.[0]).toMatch(/^mediaspool=[\w-]{43};.*HttpOnly; SameSite=Strict/)
      expect((yield* signIn(server.port, link)).answer.status).toBe(401)
      expect((yield* ask(server.port, "GET", "/api/overview", signed(first))).status).toBe(200)
      expect((yield* ask(server.port, "DELETE", "/api/session", signed(first))).status).toBe(204)
      expect((yield* ask(server.port, "GET", "/api/overview", signed(first))).status).toBe(401)
    })
  )

  it.scopedLive("lets nobody guess: after ten attempts that failed everybody waits", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const server = yield* serving(state, { password: "correct horse battery" })
      const origin = `http://127.0.0.1:${server.port}`
      const attempt = (password: string) =>
        ask(server.port, "POST", "/api/session", { origin, "content-type": "application/json" }, JSON.stringify({ password }))
      expect((yield* attempt("correct horse battery")).status).toBe(200)
      for (let i = 0; i < 10; i++) expect((yield* attempt("wrong")).status).toBe(401)
      expect((yield* attempt("wrong")).status).toBe(429)
      expect((yield* attempt("correct horse battery")).status).toBe(429)
      expect((yield* signIn(server.port, yield* server.link)).answer.status).toBe(200)
    })
  )

  it.scopedLive("gives every answer headers that keep it from being more than it is", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      for (const path of ["/", "/api/overview", "/api/nothing", "/api/openapi.json"]) {
        const { headers } = yield* ask(port, "GET", path, signed(window))
        expect([path, headers["x-content-type-options"], headers["x-frame-options"]]).toEqual([path, "nosniff", "DENY"])
      }
      const page = yield* ask(port, "GET", "/")
      const nonce = /'nonce-([^']+)'/.exec(String(page.headers["content-security-policy"]))?.[1]
      expect(nonce).toMatch(/^[\w+/=]{20,}$/)
      expect(page.body).toContain(`nonce="${nonce}"`)
      expect(String(page.headers["content-security-policy"])).not.toContain("unsafe-inline")
      expect((yield* ask(port, "GET", "/")).headers["content-security-policy"]).not.toBe(page.headers["content-security-policy"])
      const data = yield* ask(port, "GET", "/api/overview", signed(window))
      expect(data.headers["content-security-policy"]).toBe("default-src 'none'; frame-ancestors 'none'; sandbox")
      expect(data.headers["cache-control"]).toBe("no-store")
    })
  )

  it.scopedLive("bounds what it is sent", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      const large = "x".repeat(600 * 1024)
      expect((yield* ask(port, "POST", "/api/corrections", signed(window), large)).status).toBe(413)
      expect((yield* ask(port, "GET", `/api/rows?q=${"a".repeat(9000)}`, signed(window))).status).toBe(414)
      expect((yield* ask(port, "GET", `/api/rows?q=${"a".repeat(3000)}`, signed(window))).status).toBe(400)
      expect((yield* ask(port, "GET", "/api/rows?limit=100000", signed(window))).status).toBe(400)
      expect((yield* ask(port, "POST", "/api/corrections", signed(window), "not json")).status).toBe(400)
    })
  )

  it.scopedLive("wants to know how long a body is", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      const headers = { ...signed(window), "transfer-encoding": "chunked" }
      expect((yield* withoutLength(port, "POST", "/api/corrections", headers)).status).toBe(411)
    })
  )

  it.scopedLive("takes so many changes in a minute, and still answers reads then", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      // The path is unknown: what is counted is that a window asked. A minute may end meanwhile, which begins the count again.
      const hundred = Effect.forEach(
        Array.from({ length: 100 }),
        () => Effect.map(ask(port, "POST", "/api/nothing", signed(window), "{}"), ({ status }) => status),
        { concurrency: 20 }
      )
      let statuses: ReadonlyArray<number> = []
      for (let i = 0; i < 13 && !statuses.includes(429); i++) statuses = yield* hundred
      expect(new Set(statuses)).toContain(429)
      expect((yield* ask(port, "GET", "/api/overview", signed(window))).status).toBe(200)
    })
  )

  it.scopedLive("holds so many requests at once, and takes others when one has ended", () =>
    Effect.gen(function* () {
      const { port, window } = yield* started
      const overview = Effect.map(ask(port, "GET", "/api/overview", signed(window)), ({ status }) => status)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.forEach(Array.from({ length: 300 }), () => held(port, "/api/events", signed(window)), { concurrency: 50 })
          expect(yield* overview).toBe(429)
        })
      )
      expect(yield* overview.pipe(Effect.repeat({ until: (status) => status === 200, times: 200 }))).toBe(200)
    })
  )
})
