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
      Options.withDescription("Port on 127.0.0.1; 0 picks a free one. Default 8787")
    ),
    key: Options.text("key").pipe(
      Options.withPseudoName("key"),
      Options.withDefault("sk-emulator"),
      Options.withDescription("API key it accepts; others are rejected. Default sk-emulator")
    ),
    rpm: Options.integer("rpm").pipe(
      Options.optional,
      Options.withDescription("Requests per minute, enforced per second; default: unlimited. DashScope: 60")
    ),
    tpm: Options.integer("tpm").pipe(
      Options.optional,
      Options.withDescription("Tokens per minute, input and output; default: unlimited. DashScope: 100000")
    ),
    latency: Options.text("latency").pipe(
      Options.withPseudoName("time"),
      Options.withDefault("0ms"),
      Options.withDescription("Delay before each answer: 500ms, 2s. Default: none")
    ),
    faults: Options.text("fault").pipe(
      Options.withPseudoName("fault"),
      Options.repeated,
      Options.withDescription(
        "Faults to inject, in this order, once each or `times` times: `--fault limit_requests`, " +
          "`--fault '{ kind: stall, times: 2, after: 5, millis: 90000 }'`. " +
          "Rejections: limit_requests, insufficient_quota, limit_burst_rate, internal_error, timeout, model_serving_error, " +
          "unavailable, moderation, arrearage, access_denied. Transport: html, redirect, flat_error, reset, slow. " +
          "Mid-stream: moderation_midway, sse_error, truncated, no_usage, no_finish, aborted, stall, drip, " +
          "oversized, reset_midway, reset_after, stays_open. " +
          "Model output: fenced, prose, chinese, repetition, empty, not_json. " +
          "`model`, `prompt` and `seconds: [from, to]` select the requests it applies to; `retryAfter` is in seconds"
      )
    ),
    json: options.json
  },
  ({ json, ...wanted }) =>
    Effect.gen(function* () {
      const { emulate } = yield* Effect.promise(() => import("./emulator/EmulatorServer.js"))
      yield* emulate(wanted)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Run a local model service, to try captions and tags without a key"))
