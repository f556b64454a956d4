import { FetchHttpClient, HttpClientRequest } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { createServer, type RequestListener, type Server } from "node:http"
import * as Http from "./Http.js"
import { isPrivate } from "./PrivateAddress.js"

/** A server on loopback that goes with the scope; gives its origin. */
const server = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const made = createServer(listener).listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
    })
  )

const get = (url: string, options?: Http.Options) =>
  Effect.provide(
    Http.request(HttpClientRequest.setHeader(HttpClientRequest.get(url), "authorization", "Bearer k"), options),
    FetchHttpClient.layer
  )

describe("Http.request", () => {
  it.scopedLive("gives the whole answer, over redirects of the same host", () =>
    Effect.gen(function* () {
      const at = yield* server((request, response) =>
        request.url === "/from"
          ? response.writeHead(302, { location: "/to" }).end()
          : response.end(JSON.stringify({ path: request.url, key: request.headers.authorization }))
      )
      const reply = yield* get(`${at}/from`)
      expect(reply.status).toBe(200)
      expect(yield* Http.json(reply, Schema.Struct({ path: Schema.String, key: Schema.String }))).toEqual({
        path: "/to",
        key: "Bearer k"
      })
      expect(yield* Effect.flip(Http.json(reply, Schema.Struct({ other: Schema.String })))).toMatchObject({
        code: "HttpNotUnderstood"
      })
    })
  )

  it.scopedLive("follows no redirect to another private address, and none without end", () =>
    Effect.gen(function* () {
      const other = yield* server((_, response) => response.end("secret of the house"))
      const at = yield* server((request, response) =>
        response.writeHead(307, { location: request.url === "/round" ? "/round" : other }).end()
      )
      expect(yield* Effect.flip(get(`${at}/out`))).toMatchObject({
        code: "HttpRedirectRefused",
        message: expect.stringContaining("a private address")
      })
      expect(yield* Effect.flip(get(`${at}/round`))).toMatchObject({ code: "HttpRedirectRefused" })
    })
  )

  it.scopedLive(
    "takes a redirect that it doesn't follow for a refusal, but not where the request was taken and its answer is elsewhere",
    () =>
      Effect.gen(function* () {
        const other = yield* server((_, response) => response.end("secret of the house"))
        const at = yield* server((request, response) =>
          response.writeHead(Number(request.url?.slice(1)), { location: other }).end()
        )
        const post = (status: number) =>
          Effect.flip(Effect.provide(Http.request(HttpClientRequest.post(`${at}/${status}`)), FetchHttpClient.layer))
        expect(yield* post(307)).toMatchObject({ code: "HttpRedirectRefused", billed: "no" })
        for (const status of [302, 303])
          expect(yield* post(status)).toMatchObject({ code: "HttpNotUnderstood", billed: undefined })
      })
  )

  it.scopedLive("meets every status by its class, and names neither query nor key", () =>
    Effect.gen(function* () {
      const at = yield* server((request, response) =>
        response.writeHead(Number(request.url?.slice(1, 4)), { "retry-after": "7" }).end("slow down")
      )
      const classes = yield* Effect.forEach([401, 404, 429, 500, 502, 503], (status) =>
        Effect.map(Effect.flip(get(`${at}/${status}?key=abc`)), ({ billed, code, message, retry, retryAfterMillis }) => {
          expect(message).toBe(`GET ${at}/${status}: ${status}: slow down`)
          expect(retryAfterMillis).toBe(7_000)
          return `${status} ${code} ${retry}${billed === "no" ? ", not billed" : ""}`
        })
      )
      expect(classes).toEqual([
        "401 HttpUnauthorized config, not billed",
        "404 HttpRefused never, not billed",
        "429 HttpBusy later, not billed",
        "500 HttpServerFailed now",
        "502 HttpGatewayFailed later",
        "503 HttpBusy later, not billed"
      ])
    })
  )

  it.scopedLive("streams a body with its length, as object storages want it", () =>
    Effect.gen(function* () {
      const at = yield* server((request, response) =>
        request.on("data", () => {}).on("end", () => response.end(JSON.stringify(request.headers)))
      )
      const bytes = Stream.make(new Uint8Array(40_000), new Uint8Array(2))
      const put = HttpClientRequest.bodyStream(HttpClientRequest.put(at), bytes, { contentLength: 40_002 })
      const { text } = yield* Effect.provide(Http.request(put), FetchHttpClient.layer)
      expect(JSON.parse(text)).toMatchObject({ "content-length": "40002" })
      expect(JSON.parse(text)["transfer-encoding"]).toBeUndefined()
    })
  )

  it.scopedLive("takes an answer without a body", () =>
    Effect.gen(function* () {
      const at = yield* server((_, response) => response.writeHead(204).end())
      expect(yield* get(at)).toMatchObject({ status: 204, text: "" })
    })
  )

  it.scopedLive("has a deadline and a size", () =>
    Effect.gen(function* () {
      const at = yield* server((request, response) => {
        if (request.url === "/slow") return void response.write("a")
        response.end(Buffer.alloc(request.url === "/large" ? 2_000 : 1_000))
      })
      expect((yield* get(at, { maxBytes: 1_000 })).body).toHaveLength(1_000)
      expect(yield* Effect.flip(get(`${at}/large`, { maxBytes: 1_000 }))).toMatchObject({ code: "HttpTooLarge", retry: "never" })
      expect(yield* Effect.flip(get(`${at}/slow`, { deadline: "100 millis" }))).toMatchObject({
        code: "HttpTimedOut",
        retry: "later"
      })
      expect(yield* Effect.flip(get("http://127.0.0.1:1/"))).toMatchObject({ code: "HttpUnreachable", retry: "later" })
    })
  )
})

describe("Retry-After", () => {
  it("is seconds or a date", () => {
    const now = Date.UTC(2026, 0, 31, 10)
    expect(Http.retryAfterMillis("120", now)).toBe(120_000)
    expect(Http.retryAfterMillis("Sat, 31 Jan 2026 10:00:05 GMT", now)).toBe(5_000)
    expect(Http.retryAfterMillis("Sat, 31 Jan 2026 09:00:00 GMT", now)).toBe(0)
    expect(Http.retryAfterMillis("soon", now)).toBeUndefined()
    expect(Http.retryAfterMillis(undefined, now)).toBeUndefined()
  })
})

describe("A private address", () => {
  it("is one of this machine or its network", () => {
    for (const host of [
      "localhost",
      "127.0.0.1",
      "10.1.2.3",
      "172.20.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "::1",
      "fd00::1",
      "::ffff:10.0.0.1"
    ])
      expect([host, isPrivate(host)]).toEqual([host, true])
    for (const host of ["example.com", "93.184.216.34", "172.32.0.1", "2606:2800:220:1::1"])
      expect([host, isPrivate(host)]).toEqual([host, false])
  })
})
