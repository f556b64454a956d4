import { Field, SecretRef } from "@mediaspool/core"
import { Schema } from "effect"

/** What hooks are told of. */
export const HookEvent = Schema.Literal("done", "failed", "paused", "budget")
export type HookEvent = typeof HookEvent.Type

const Url = Schema.String.pipe(
  Schema.filter((text) =>
    /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : "") ? undefined : "an http or https URL"
  )
)

/** One hook as the config writes it: a webhook or a command. */
export const HookSettings = Schema.Struct({
  on: Field.withDefault(
    Schema.NonEmptyArray(HookEvent),
    ["done", "failed", "paused", "budget"],
    "What it is told of: done, failed, paused, budget"
  ),
  webhook: Field.maybe(Url, "Where a POST with the event as JSON goes"),
  secret: Field.maybe(SecretRef, "Signs the webhook as Standard Webhooks do: HMAC-SHA256 in the header `webhook-signature`"),
  command: Field.maybe(
    Schema.NonEmptyArray(Schema.NonEmptyString),
    "Program and arguments; it gets the event as JSON on stdin, and SPOOL_EVENT and SPOOL_PIPELINE in its environment"
  ),
  timeout: Field.withDefault(
    Schema.Number.pipe(Schema.between(1, 600)),
    15,
    "Seconds for one try of the webhook, or for the command"
  )
}).pipe(
  Schema.filter(({ command, secret, webhook }) =>
    (command === undefined) === (webhook === undefined)
      ? "either `webhook` or `command`"
      : secret !== undefined && webhook === undefined
        ? "`secret` signs a webhook, not a command"
        : undefined
  )
)
export type HookSettings = typeof HookSettings.Type

/** Hooks by name. */
export const Hooks = Schema.Record({ key: Schema.String, value: HookSettings }).annotations({
  description: "What is told when a run is done, has failures, is paused or reaches a budget"
})
export type Hooks = typeof Hooks.Type
