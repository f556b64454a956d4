import { Budget, Field, SecretRef } from "@mediaspool/core"
import { type Array, Schema } from "effect"
import { createHash } from "node:crypto"
import { type Region, ModelKind } from "./CatalogSchema.js"
import { Price } from "./Price.js"

/** How a service wants its requests: DashScope's way, or that of a server for open models. */
export const Dialect = Schema.Literal("dashscope", "vllm", "sglang")
export type Dialect = typeof Dialect.Type

/** What the config may say of a model: a limit that changed, a price, a name, or a model that isn't built in. */
export const ModelSettings = Schema.Struct({
  servedAs: Field.maybe(Schema.NonEmptyString, "The name that the server knows it by"),
  kind: Field.maybe(
    ModelKind,
    "`captioner` takes audio alone, `omni` audio and a prompt, `chat` text; `embedding` makes vectors of texts"
  ),
  contextTokens: Field.maybe(Schema.Int, "Tokens of a request and its answer together"),
  maxInputTokens: Field.maybe(Schema.Int, "Tokens of a request"),
  maxOutputTokens: Field.maybe(Schema.Int, "Tokens of an answer"),
  maxSeconds: Field.maybe(Schema.Positive, "Longest audio in one request, in seconds"),
  maxBase64Bytes: Field.maybe(Schema.Int, "Largest data URL, in bytes"),
  maxUrlBytes: Field.maybe(Schema.Int, "Largest file behind a URL, in bytes"),
  tokensPerSecond: Field.maybe(Schema.Positive, "Tokens that a second of audio counts as"),
  formats: Field.maybe(Schema.Array(Schema.String), "Containers that it takes: mp3, wav, aac, amr, 3gp"),
  sees: Field.maybe(Schema.Boolean, "It takes pictures and video too"),
  maxVideoSeconds: Field.maybe(Schema.Positive, "Longest video file in one request, in seconds"),
  maxFrames: Field.maybe(Schema.Int.pipe(Schema.greaterThanOrEqualTo(2)), "Most pictures of a video in one request"),
  tokensPerFrame: Field.maybe(Schema.Positive, "Tokens that a picture of 448 pixels counts as"),
  thinks: Field.maybe(Schema.Boolean, "It thinks before it answers, unless it is told not to"),
  multichannel: Field.maybe(Schema.Boolean, "It hears where sounds come from: several channels aren't mixed for it"),
  streamOnly: Field.maybe(Schema.Boolean, "It refuses requests without streaming"),
  price: Field.maybe(Price, "What it costs")
})
export type ModelSettings = typeof ModelSettings.Type

/** No more than a timer holds. */
const Seconds = Schema.Positive.pipe(Schema.lessThanOrEqualTo(2_147_483))

const Limit = Schema.Union(Schema.Positive, Schema.Literal("none"))

/** A provider as the config writes it. Every field of a built-in profile may be overridden. */
export const ProviderSettings = Schema.Struct({
  dialect: Field.maybe(Dialect, "How requests are written"),
  baseUrl: Field.maybe(
    Schema.Union(Schema.NonEmptyString, Schema.NonEmptyArray(Schema.NonEmptyString)),
    "The OpenAI-compatible endpoint, up to and with its version: https://host/v1. A list is several servers with the same models: the least busy one is asked, and one that fails is left out until it answers again"
  ),
  authority: Field.maybe(
    Schema.NonEmptyString,
    "Who answers, in the keys of results; default: host and path of the first `baseUrl`. With a name of your own, servers may come and go and nothing is paid for again"
  ),
  apiKey: Field.maybe(SecretRef, "Where the key is"),
  protocol: Field.maybe(Schema.Literal("compatible", "native"), "`native` speaks DashScope's own protocol to the captioner"),
  stream: Field.maybe(Schema.Boolean, "Take answers piece by piece; default true"),
  upload: Field.maybe(
    Schema.Boolean,
    "Send files that are too large for a request through DashScope's temporary store; default false. The vendor keeps them 48 hours and calls the way unfit for production"
  ),
  rpm: Field.maybe(Limit, "Requests a minute that the account allows"),
  tpm: Field.maybe(Limit, "Tokens a minute, in and out, that the account allows"),
  concurrency: Field.maybe(Schema.Int.pipe(Schema.positive()), "Requests at the same time"),
  perEndpoint: Field.maybe(
    Schema.Struct({
      rpm: Field.maybe(Schema.Positive, "Requests a minute"),
      tpm: Field.maybe(Schema.Positive, "Tokens a minute, in and out"),
      concurrency: Field.maybe(Schema.Int.pipe(Schema.positive()), "Requests at the same time")
    }),
    "What each server of `baseUrl` may be asked; `rpm`, `tpm` and `concurrency` beside it are for all of them together"
  ),
  maxWindow: Field.maybe(Schema.Positive, "Longest audio in one request, in seconds, where the server is weaker than the model"),
  budget: Field.maybe(Budget.Budget, "What all calls to it may cost; reached, its work waits"),
  onAmbiguous: Field.maybe(
    Schema.Literal("retry", "hold"),
    "What to do with a call that may have been billed without an answer; default retry"
  ),
  timeouts: Field.maybe(
    Schema.Struct({
      firstByte: Field.maybe(Seconds, "Seconds until an answer begins; default 330"),
      idle: Field.maybe(Seconds, "Seconds between two pieces of an answer that say something; default 60"),
      total: Field.maybe(
        Seconds,
        "Seconds for a request and its whole answer; default 900, and 570 more than `firstByte` at least"
      )
    }),
    "How long to wait"
  ),
  models: Field.maybe(Schema.Record({ key: Schema.String, value: ModelSettings }), "Models, by name")
}).annotations({ identifier: "Provider" })
export type ProviderSettings = typeof ProviderSettings.Type

/** The config's `providers` section. */
export const Providers = Schema.Record({ key: Schema.String, value: ProviderSettings })
export type Providers = typeof Providers.Type

/** A provider with everything decided. */
export interface Provider {
  readonly name: string
  readonly dialect: Dialect
  /** The first of {@link baseUrls}. */
  readonly baseUrl: string
  /** Each without a slash at its end. */
  readonly baseUrls: Array.NonEmptyReadonlyArray<string>
  readonly apiKey: SecretRef | undefined
  /** Who answers, for result and call keys: `dashscope` for all its regions, else host and path of the first base URL, or a given name. */
  readonly authority: string
  readonly region: Region | undefined
  readonly protocol: "compatible" | "native"
  readonly stream: boolean
  readonly upload: boolean
  readonly rpm: number | undefined
  readonly tpm: number | undefined
  readonly concurrency: number
  /** Of each server. */
  readonly perEndpoint: {
    readonly rpm: number | undefined
    readonly tpm: number | undefined
    readonly concurrency: number
  }
  readonly maxWindow: number | undefined
  /** All calls to it together may cost no more than a sum. */
  readonly hasBudget: boolean
  readonly onAmbiguous: "retry" | "hold"
  readonly firstByteSeconds: number
  readonly idleSeconds: number
  readonly totalSeconds: number
  readonly models: Readonly<Record<string, ModelSettings>>
}

/** Whether its answers are sold: a server for open models is one's own. */
export const isSold = ({ dialect }: Provider): boolean => dialect === "dashscope"

/** The same for two names of the same addresses and key: they share an account. Says neither of them. */
export const accountId = ({ apiKey, baseUrls }: Pick<Provider, "apiKey" | "baseUrls">): string =>
  createHash("sha256")
    .update(JSON.stringify([baseUrls, apiKey]))
    .digest("base64url")

/** The name under which a stage's breaker is opened. */
export const resource = (name: string): string => `provider:${name}`
