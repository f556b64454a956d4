import { describe, expect, it } from "@effect/vitest"
import type { Event } from "@mediaspool/core"
import { Effect, Schema, type Scope, Stream } from "effect"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import * as OtlpExport from "./OtlpExport.js"

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Stands in for a collector: takes what is sent and answers with a status; 0 never answers. */
const collector = (
  status: number
): Effect.Effect<{ readonly url: string; readonly received: ReadonlyArray<Received> }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const received: Array<Received> = []
    const server = yield* Effect.acquireRelease(
      Effect.async<Server>((resume) => {
        const server = createServer((request, response) => {
          let body = ""
          request.setEncoding("utf8").on("data", (text: string) => (body += text))
          request.on("end", () => {
            received.push({ path: request.url ?? "", headers: request.headers, body })
            if (status > 0) response.writeHead(status, { "content-type": "application/json" }).end("{}")
          })
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    const address = server.address()
    return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, received }
  })

const place = { pipeline: "sounds", item: 1, path: "/in/a.wav" }
const step = { _tag: "NodeFinished", ...place, failure: undefined, price: undefined } as const
const events: ReadonlyArray<Event> = [
  { _tag: "ItemStarted", ...place },
  { ...step, node: "probe", outcome: "ran", milliseconds: 40 },
  // What was known took no time, and is no span.
  { ...step, node: "copy", outcome: "cached", milliseconds: 0 },
  { ...step, node: "caption", outcome: "ran", milliseconds: 400 },
  { _tag: "ItemFinished", ...place, state: "done", obstacles: [] }
]

/** As https://github.com/open-telemetry/opentelemetry-proto has them, where they are read here. */
const Value = Schema.Struct({ stringValue: Schema.optional(Schema.String) })
const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Value }))
const Resource = Schema.Struct({ attributes: Attributes })
const Span = Schema.Struct({
  traceId: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{32}$/)),
  spanId: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{16}$/)),
  parentSpanId: Schema.optional(Schema.String),
  name: Schema.String,
  startTimeUnixNano: Schema.BigInt,
  endTimeUnixNano: Schema.BigInt,
  attributes: Attributes
})
const Traces = Schema.parseJson(
  Schema.Struct({
    resourceSpans: Schema.Array(
      Schema.Struct({ resource: Resource, scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) })) })
    )
  })
)
const Metrics = Schema.parseJson(
  Schema.Struct({
    resourceMetrics: Schema.Array(
      Schema.Struct({
        resource: Resource,
        scopeMetrics: Schema.Array(Schema.Struct({ metrics: Schema.Array(Schema.Struct({ name: Schema.String })) }))
      })
    )
  })
)

describe("What a collector gets", () => {
  it.scopedLive("is a trace a file with a span a step, and the metrics, under the service's name", () =>
    Effect.gen(function* () {
      const { received, url } = yield* collector(200)
      yield* OtlpExport.record(Stream.fromIterable(events), url, {
        headers: "authorization=Bearer%20x,broken=%ZZ",
        service: "own"
      })
      const bodies = (path: string) => received.filter((each) => each.path === path).map(({ body }) => body)
      for (const { headers } of received) {
        expect(headers["content-type"]).toContain("application/json")
        expect(headers["authorization"]).toBe("Bearer x")
        expect(headers["broken"]).toBe("%ZZ")
      }
      const traces = bodies("/v1/traces").map((body) => Schema.decodeUnknownSync(Traces)(body))
      const resources = traces.flatMap(({ resourceSpans }) => resourceSpans.map(({ resource }) => resource))
      expect(resources[0]?.attributes).toContainEqual({ key: "service.name", value: { stringValue: "own" } })
      const spans = traces.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans))
      )
      expect(spans.map(({ name }) => name).sort()).toEqual(["caption", "file", "probe"])
      const file = spans.find(({ name }) => name === "file")
      for (const span of spans) {
        expect(span.traceId).toBe(file?.traceId)
        if (span !== file) expect(span.parentSpanId).toBe(file?.spanId)
      }
      const caption = spans.find(({ name }) => name === "caption")
      expect(Number((caption?.endTimeUnixNano ?? 0n) - (caption?.startTimeUnixNano ?? 0n))).toBe(400_000_000)
      const names = bodies("/v1/metrics")
        .map((body) => Schema.decodeUnknownSync(Metrics)(body))
        .flatMap(({ resourceMetrics }) =>
          resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)))
        )
      expect(names).toContain("mediaspool_files_total")
      expect(names).toContain("mediaspool_step_duration_seconds")
    })
  )

  it.scopedLive.each([500, 0])("and one that answers %i, or is away, keeps nobody from going on", (status) =>
    Effect.gen(function* () {
      const { received, url } = yield* collector(status)
      yield* OtlpExport.record(Stream.fromIterable(events), url)
      expect(received.length).toBeGreaterThan(0)
      yield* OtlpExport.record(Stream.fromIterable(events), "http://127.0.0.1:1")
    })
  )
})
