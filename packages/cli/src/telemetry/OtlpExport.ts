import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Otlp from "@effect/opentelemetry/Otlp"
import type { Event } from "@mediaspool/core"
import { Duration, Effect, Layer, Option, Stream } from "effect"
import { version } from "../Version.js"
import { RunMetrics } from "./RunMetrics.js"
import { RunTraces } from "./RunTraces.js"

/** A collector that is away must not keep the command. */
const SHUTDOWN = Duration.seconds(1)

/** A value that isn't percent-encoded is taken as it stands. */
const decoded = (text: string): string => Option.getOrElse(Option.liftThrowable(decodeURIComponent)(text), () => text)

/** `key=value,key=value`, percent-encoded, as OTEL_EXPORTER_OTLP_HEADERS has it. */
const headersOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const [name = "", ...value] = pair.split("=")
      return name.trim() === "" ? [] : [[name.trim(), decoded(value.join("=").trim())]]
    })
  )

interface Settings {
  /** As OTEL_EXPORTER_OTLP_HEADERS has them. */
  readonly headers?: string | undefined
  readonly service?: string | undefined
}

/**
 * Sends what runs tell to a collector, as OTLP in JSON. The tracer is its own: requests to models carry no trace of it.
 *
 * @param endpoint base URL of the collector: http://127.0.0.1:4318
 * @param settings by default those of the environment
 */
export const record = (
  events: Stream.Stream<Event>,
  endpoint: string,
  { headers = process.env["OTEL_EXPORTER_OTLP_HEADERS"], service = process.env["OTEL_SERVICE_NAME"] }: Settings = {}
): Effect.Effect<void> => {
  const collector = Otlp.layerJson({
    baseUrl: endpoint,
    resource: { serviceName: service ?? "mediaspool", serviceVersion: version },
    headers: headersOf(headers ?? ""),
    shutdownTimeout: SHUTDOWN
  }).pipe(Layer.provide(FetchHttpClient.layer))
  return Effect.gen(function* () {
    const metrics = new RunMetrics()
    const traces = new RunTraces(yield* Effect.tracer)
    yield* Stream.runForEach(events, (event) =>
      Effect.sync(() => {
        metrics.apply(event)
        traces.apply(event)
      })
    )
  }).pipe(Effect.provide(collector))
}
