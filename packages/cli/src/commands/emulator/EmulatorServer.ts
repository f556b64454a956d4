import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Interval } from "@mediaspool/core"
import { ModelEmulator } from "@mediaspool/emulator"
import { Deferred, Duration, Effect, Either, Layer, Option, Runtime, Schema } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { mediaEngine } from "../../layers.js"
import { Output, paint } from "../../output/Output.js"
import { count, counted } from "../../output/Quantity.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as Signals from "../../Signals.js"
import { faultOf } from "./FaultOption.js"

export interface Wanted {
  readonly port: number
  readonly key: string
  readonly rpm: Option.Option<number>
  readonly tpm: Option.Option<number>
  readonly latency: string
  readonly faults: ReadonlyArray<string>
}

const usage = (message: string) => new Refused({ code: ExitCode.usage, message, help: "See `spool emulator --help`." })

/** A limit as it was typed: a whole number above zero, or none. */
const limit = (name: string, given: Option.Option<number>): Either.Either<number | undefined, Refused> =>
  Option.match(given, {
    onNone: () => Either.right(undefined),
    onSome: (number) => (number > 0 ? Either.right(number) : Either.left(usage(`--${name} ${number} must be above zero.`)))
  })

const settings = ({ faults, key, latency, port, rpm, tpm }: Wanted) =>
  Effect.gen(function* () {
    if (port < 0 || port > 65_535) return yield* usage(`Port ${port} does not exist.`)
    if (!/^[!-~]+$/.test(key)) return yield* usage("A key has letters, digits and punctuation, no spaces.")
    const answer = yield* Schema.decode(Interval)(latency).pipe(
      Effect.mapError(() => usage(`--latency ${inline(latency)} is not a duration such as 500ms, 2s or 1m.`))
    )
    return {
      keys: [key],
      answerMillis: Duration.toMillis(answer),
      rpm: yield* limit("rpm", rpm),
      tpm: yield* limit("tpm", tpm),
      faults: yield* Effect.all(faults.map(faultOf))
    }
  })

const taken = ({ message, port }: ModelEmulator.NotListening) =>
  new Refused({
    code: ExitCode.failed,
    message: `Cannot listen on port ${port}: ${inline(message)}`,
    help: "Choose another with `--port`, or `--port 0` for a free one."
  })

const eventText = (event: ModelEmulator.Event): string => {
  if (event._tag === "Refused") return `${paint.yellow("rejected")} ${event.code}`
  const { inputTokens, model, outcome, outputTokens } = event.entry
  const word = outcome === "answered" ? paint.green("answered") : paint.red("broken  ")
  return `${word} ${model}  ${paint.dim(`${count(inputTokens)} tokens in, ${count(outputTokens)} out`)}`
}

const billText = ({ inputTokens, outputTokens, paid, refused, requests }: ModelEmulator.Statement): string => {
  if (requests === 0) return "No requests"
  const codes = Object.entries(refused).map(([code, times]) => `${code} ${count(times)} ×`)
  return [
    `${counted(requests, "request")}; ${count(paid)} would have been billed: ${count(inputTokens)} tokens in, ${count(outputTokens)} out`,
    ...(codes.length > 0 ? [`rejected: ${codes.join(", ")}`] : [])
  ].join("; ")
}

/** What a `spool.yaml` says to ask an emulator, ready to be pasted. */
const providerText = (baseUrl: string, rpm: number | undefined, tpm: number | undefined): string =>
  `defaults: { provider: emulator }
providers:
  emulator:
    dialect: dashscope
    baseUrl: "${baseUrl}"
    apiKey: { env: DASHSCOPE_API_KEY }
    rpm: ${rpm ?? "none"}
    tpm: ${tpm ?? "none"}`

const greeting = ({ baseUrl, selfHostedUrl }: ModelEmulator.Emulator, key: string, provider: string): string =>
  [
    `${paint.green("✓")} Model emulator listening at ${paint.bold(baseUrl)}.`,
    "  It rejects what DashScope rejects, and answers from measurements: tones, levels, silences.",
    "",
    `  base URL                 ${baseUrl}`,
    `  for vLLM and SGLang       ${selfHostedUrl}`,
    `  key                      ${key}`,
    "",
    "  In spool.yaml:",
    "",
    ...provider.split("\n").map((line) => `    ${line}`),
    "",
    "  In the shell:",
    "",
    `    export DASHSCOPE_API_KEY='${key.replaceAll("'", "'\\''")}'`,
    "",
    "  Then `spool run`. For the real service, only the provider (dashscope-intl or dashscope-cn) and the key change.",
    "  Press Ctrl-C to stop. Requests:",
    ""
  ].join("\n")

/** Listens until Ctrl-C, says what became of each request, and in the end what it would have come to. */
export const emulate = (wanted: Wanted) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { faults, rpm, tpm, ...rest } = yield* settings(wanted)
    const drain = yield* Signals.draining
    const run = Runtime.runSync(yield* Effect.runtime())
    const emulator = yield* ModelEmulator.openWithEngine({
      port: wanted.port,
      settings: { ...rest, ...(rpm === undefined ? {} : { rpm }), ...(tpm === undefined ? {} : { tpm }) },
      onRequest: (event) =>
        run(Effect.zipRight(output.value({ type: "request", ...said(event) }), output.note(`  ${eventText(event)}`)))
    }).pipe(Effect.catchTag("NotListening", taken))
    yield* emulator.script(...faults)
    const provider = providerText(emulator.baseUrl, rpm, tpm)
    yield* output.print(greeting(emulator, wanted.key, provider))
    const { baseUrl, port, selfHostedUrl } = emulator
    yield* output.value({ type: "listening", port, baseUrl, selfHostedUrl, key: wanted.key, config: provider })
    yield* Deferred.await(drain)
    const statement = yield* emulator.statement
    yield* output.print(`\n${billText(statement)}.`)
    const { entries: _entries, byKey: _byKey, ...sums } = statement
    yield* output.value({ type: "summary", ...sums })
  }).pipe(Effect.scoped, Effect.provide(Layer.merge(mediaEngine, NodeFileSystem.layer)))

const said = (event: ModelEmulator.Event): object =>
  event._tag === "Refused"
    ? { outcome: "refused", code: event.code }
    : {
        outcome: event.entry.outcome,
        model: event.entry.model,
        inputTokens: event.entry.inputTokens,
        outputTokens: event.entry.outputTokens
      }
