import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const emulator = Command.make(
  "emulator",
  {
    port: Options.integer("port").pipe(
      Options.withDefault(8787),
      Options.withDescription("Where it listens, on this machine alone; 0 takes a free one. Default 8787")
    ),
    key: Options.text("key").pipe(
      Options.withDefault("sk-emulator"),
      Options.withDescription("The key that it takes; any other is refused as the service refuses it. Default sk-emulator")
    ),
    rpm: Options.integer("rpm").pipe(
      Options.optional,
      Options.withDescription("Requests that it allows in a minute, counted by the second; default: any number. DashScope: 60")
    ),
    tpm: Options.integer("tpm").pipe(
      Options.optional,
      Options.withDescription("Tokens, in and out, that it allows in a minute; default: any number. DashScope: 100000")
    ),
    latency: Options.text("latency").pipe(
      Options.withDefault("0ms"),
      Options.withDescription("How long an answer takes to begin: 500ms, 2s. Default: no longer than it must")
    ),
    faults: Options.text("fault").pipe(
      Options.withPseudoName("fault"),
      Options.repeated,
      Options.withDescription(
        "What goes wrong, in this order, once each or as often as it says: `--fault limit_requests`, " +
          "`--fault '{ kind: stall, times: 2, after: 5, millis: 90000 }'`. " +
          "Refusals: limit_requests, insufficient_quota, limit_burst_rate, internal_error, timeout, model_serving_error, " +
          "unavailable, moderation, arrearage, access_denied. On the wire: html, redirect, flat_error, reset, slow. " +
          "In the middle of a stream: moderation_midway, sse_error, truncated, no_usage, stall, reset_midway. " +
          "By the model: fenced, prose, chinese, repetition, empty, not_json. " +
          "`model`, `prompt` and `seconds: [from, to]` choose the requests that it meets, `retryAfter` (seconds) goes with a refusal"
      )
    ),
    json: options.json
  },
  ({ json, ...wanted }) =>
    Effect.gen(function* () {
      const { emulate } = yield* Effect.promise(() => import("./emulator/EmulatorServer.js"))
      yield* emulate(wanted)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(
  Command.withDescription(
    "Run a model service on this machine that is as strict as DashScope, to try captions and tags without a key. It decodes the audio that it gets and answers from what it measures"
  )
)
