import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { RequestError } from "@effect/platform/HttpClientError"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Redacted, type Scope, TestClock } from "effect"
import { createHmac } from "node:crypto"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import { RunOccasions } from "./RunOccasions.js"
import * as Webhook from "./Webhook.js"

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string | undefined
}

/** A receiver that answers with these statuses, one after the other. */
const receiver = (
  statuses: ReadonlyArray<number>
): Effect.Effect<{ readonly url: string; readonly received: ReadonlyArray<Received> }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const received: Array<Received> = []
    const server = yield* Effect.acquireRelease(
      Effect.async<Server>((resume) => {
        const server = createServer((request, response) => {
          let body = ""
          request.setEncoding("utf8").on("data", (text: string) => (body += text))
          request.on("end", () => {
            received.push({ headers: request.headers, body, path: request.url })
            response.writeHead(statuses[received.length - 1] ?? 500, { location: "/elsewhere" }).end()
          })
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { url: `http://127.0.0.1:${port}/spool`, received }
  })

const message = { id: "msg_1", body: '{"type":"done"}' }
const limit = Duration.seconds(20)

describe("A webhook", () => {
  it.scopedLive("is signed as Standard Webhooks are, and sent again until it is taken", () =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver([503, 204])
      yield* Webhook.send(url, message, Redacted.make("a long secret"), limit)
      expect(received.map(({ body }) => body)).toEqual([message.body, message.body])
      // The receiver can tell that it is the same message.
      expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(["msg_1", "msg_1"])
      for (const { body, headers } of received) {
        const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`
        expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", "a long secret").update(signed).digest("base64")}`)
      }
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.scopedLive("isn't taken by a redirect, which would come without the message", () =>
    Effect.gen(function* () {
      const { received, url } = yield* receiver([302, 200])
      const refusals: Array<string> = []
      yield* Webhook.send(url, message, undefined, limit, ({ message }) => Effect.sync(() => void refusals.push(message)))
      expect(received.map(({ body, path }) => [path, body])).toEqual([
        ["/spool", message.body],
        ["/spool", message.body]
      ])
      expect(refusals).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ answered with a redirect \(status 302\)/)])
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.effect("is told by its host when it can't be reached: the rest of its URL may be a secret", () =>
    Effect.gen(function* () {
      const client = HttpClient.make((request) =>
        Effect.fail(new RequestError({ request, reason: "Transport", cause: { cause: { code: "ECONNREFUSED" } } }))
      )
      const url = "http://user:password@receiver.test/hook?token=secret"
      const sent = yield* Webhook.send(url, message, undefined, limit).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      expect((yield* sent).message).toBe("receiver.test can't be reached: ECONNREFUSED")
    })
  )

  it("has the signature that the standard's own example has", () => {
    // From https://github.com/standard-webhooks/standard-webhooks, where the libraries test with it.
    const secret = Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    const example = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' }
    expect(Webhook.signature(secret, example, 1614265330)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  })
})

describe("What hooks are told", () => {
  const pipeline = "sounds"
  const started = (item: number) => ({ _tag: "ItemStarted", pipeline, item, path: `/in/${item}.wav` }) as const
  const ended = (item: number, state: "done" | "failed" | "waiting") =>
    ({ _tag: "ItemFinished", pipeline, item, path: `/in/${item}.wav`, state, obstacles: [] }) as const
  const held = (item: number) =>
    ({
      _tag: "NodeFinished",
      pipeline,
      item,
      path: `/in/${item}.wav`,
      node: "caption",
      outcome: "waiting",
      failure: { _tag: "CallHeld", code: "BudgetReached", retry: "later", message: "budget:own: spent", help: "Raise it." },
      milliseconds: 1,
      price: undefined
    }) as const

  it("is that a budget is reached, once, however many files meet it", () => {
    const occasions = new RunOccasions(false)
    const told = [started(1), held(1), started(2), held(2)].flatMap((event) => occasions.of(event))
    expect(told).toMatchObject([{ type: "budget", pipeline, reason: { code: "BudgetReached" } }])
  })

  it("is, from a watcher, that all that had landed is through: done, or failed", () => {
    const occasions = new RunOccasions(true)
    occasions.of(started(1))
    occasions.of(started(2))
    occasions.of(ended(1, "done"))
    expect(occasions.quiet()).toEqual([])
    occasions.of(ended(2, "done"))
    expect(occasions.quiet()).toMatchObject([{ type: "done", items: { done: 2, failed: 0 } }])
    expect(occasions.quiet()).toEqual([])
    occasions.of(started(3))
    occasions.of(ended(3, "failed"))
    expect(occasions.quiet()).toMatchObject([{ type: "failed", items: { done: 0, failed: 1 } }])
  })
})
