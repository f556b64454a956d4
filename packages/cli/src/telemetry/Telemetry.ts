import type { Event } from "@mediaspool/core"
import { Effect, type Scope, Stream } from "effect"
import { ExitCode } from "../ExitCode.js"
import { Output } from "../output/Output.js"
import { inline } from "../output/Text.js"
import { Refused } from "../Refused.js"

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

/** The collector that the environment names. */
const endpoint = Effect.suspend(() => {
  const text = process.env[ENDPOINT]?.trim() ?? ""
  if (text === "") return Effect.succeed(undefined)
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
    ? Effect.succeed(text)
    : new Refused({
        code: ExitCode.config,
        message: `${ENDPOINT} is no http or https URL: ${inline(text)}`,
        help: "Name the collector's base URL, such as http://127.0.0.1:4318, or unset it."
      })
})

/**
 * Gives what runs tell to a collector and to Prometheus while the scope is open, where somebody asks for it; else nothing is loaded.
 *
 * @param port of the Prometheus endpoint; 0 picks a free one
 */
export const observe = (events: Stream.Stream<Event>, port?: number): Effect.Effect<void, Refused, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const collector = yield* endpoint
    if (collector !== undefined) {
      const { record } = yield* Effect.promise(() => import("./OtlpExport.js"))
      yield* Effect.forkScoped(record(events, collector))
    }
    if (port === undefined) return
    const { listen } = yield* Effect.promise(() => import("./MetricsServer.js"))
    const address = yield* listen(port)
    // The collector's recording keeps the same metrics.
    if (collector === undefined) {
      const { RunMetrics } = yield* Effect.promise(() => import("./RunMetrics.js"))
      const metrics = new RunMetrics()
      yield* Effect.forkScoped(Stream.runForEach(events, (event) => Effect.sync(() => metrics.apply(event))))
    }
    const output = yield* Output
    yield* output.value({ type: "metrics", url: address })
    yield* output.note(`Metrics: ${address}`)
  })
