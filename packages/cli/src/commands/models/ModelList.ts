import type { Project } from "@mediaspool/core"
import { ModelList, type Price, Providers } from "@mediaspool/plugins"
import { Effect, Option, Schema } from "effect"
import * as Diagnostics from "../../Diagnostics.js"
import { ExitCode } from "../../ExitCode.js"
import { load } from "../../host.js"
import { Output, paint } from "../../output/Output.js"
import { table } from "../../output/Table.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

type Listed = ModelList.Listed

export interface Wanted {
  readonly config: Option.Option<string>
  readonly name: Option.Option<string>
  readonly provider: Option.Option<string>
}

/** `audio 3.81, answer 3.06 USD` for a million tokens; a model that doesn't listen has a prompt alone, and vectors are no answer. */
const priceText = (price: Price.Price, { hears, kind }: Listed): string => {
  const part = (name: string, amount: number | undefined) => (amount === undefined ? [] : [`${name} ${amount}`])
  const parts = [
    ...part(hears === undefined ? "prompt" : "audio", price.audioIn),
    ...part("prompt", price.textIn),
    ...part("pictures", price.pictureIn),
    ...part("cached", price.cachedIn),
    ...part("answer", kind === "embedding" ? undefined : price.textOut)
  ]
  return `${parts.join(", ")} ${price.currency}`
}

const prices = (listed: Listed): string =>
  listed.prices.length === 0
    ? "unknown"
    : listed.prices.map(({ price, providers }) => `${priceText(price, listed)} (${providers.join(", ")})`).join("; ")

const minutes = (seconds: number): string => (seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`)

/** What it takes, in a word each. */
const senses = ({ hears, kind, video }: Listed): string =>
  [
    ...(kind === "embedding" ? ["makes vectors of texts"] : []),
    ...(hears === undefined ? [] : [`hears ${minutes(hears.maxSeconds)}`]),
    ...(video === undefined ? [] : [`sees ${video.maxFrames} pictures`])
  ].join(", ") || "reads text"

const listing = (all: ReadonlyArray<Listed>): string =>
  [
    table(
      [{ head: "model" }, { head: "takes" }, { head: "providers" }, { head: "price of a million tokens" }, { head: "checked" }],
      all.map((one) => [
        `${inline(one.model)}${one.replacedBy === undefined ? "" : paint.dim(` (old: ${one.replacedBy})`)}`,
        senses(one),
        one.providers.map(inline).join(", "),
        prices(one),
        one.checked ?? "your config"
      ])
    ),
    "",
    paint.dim(
      "Prices and limits change: the provider's page has the last word, and `providers.<name>.models.<model>` overrides them."
    )
  ].join("\n")

const one = (listed: Listed): string =>
  [
    `${paint.bold(inline(listed.model))}  ${senses(listed)}`,
    ...(listed.replacedBy === undefined ? [] : [`  old: its vendor names ${listed.replacedBy} in its place`]),
    `  providers  ${listed.providers.map(inline).join(", ")}`,
    `  context    ${listed.contextTokens} tokens${listed.kind !== "embedding" ? `, ${listed.maxInputTokens} in, ${listed.maxOutputTokens} out` : " a text"}`,
    ...(listed.hears === undefined
      ? []
      : [
          `  audio      ${minutes(listed.hears.maxSeconds)} in one request, ${listed.hears.tokensPerSecond} tokens a second; ${listed.hears.formats.join(", ")}`
        ]),
    ...(listed.video === undefined
      ? []
      : [
          `  video      ${listed.video.maxFrames} pictures in one request, ${minutes(listed.video.maxSeconds)} as a file; sound ${listed.video.sound === "beside" ? "beside the pictures" : "in a file only"}`
        ]),
    `  price      ${prices(listed)}`,
    `  checked    ${listed.checked === undefined ? "from your config" : `${listed.checked}, ${listed.source}`}`
  ].join("\n")

const providersOf = (project: Project.Project): Effect.Effect<Providers> =>
  Effect.orDie(Schema.validate(Schema.typeSchema(Providers))(project.settings.section("providers") ?? {}))

/** Says which models the catalog and the config know. */
export const listModels = ({ config, name, provider }: Wanted) =>
  Effect.gen(function* () {
    const output = yield* Output
    const providers = yield* load(config).pipe(
      Effect.flatMap(providersOf),
      Effect.catchTag("ConfigError", (error) =>
        error.code === "ConfigNotFound" && Option.isNone(config) ? Effect.succeed<Providers>({}) : Diagnostics.refuse(error)
      )
    )
    const known = ModelList.list(providers)
    const names = [...new Set(known.flatMap(({ providers }) => providers))]
    if (Option.isSome(provider) && !names.includes(provider.value))
      return yield* new Refused({
        code: ExitCode.usage,
        message: `No provider named '${inline(provider.value)}' has a known model.`,
        help: `There are ${names.map(inline).join(", ")}.`
      })
    const asked = known.filter(
      ({ model, providers }) =>
        (Option.isNone(name) || model === name.value) && (Option.isNone(provider) || providers.includes(provider.value))
    )
    if (asked.length === 0) {
      const typed = Option.getOrElse(name, () => "")
      const elsewhere = known.find(({ model }) => model === typed)
      const near = elsewhere === undefined ? ModelList.nearest(typed, known) : undefined
      return yield* new Refused({
        code: ExitCode.usage,
        message:
          elsewhere === undefined
            ? `No known model named '${inline(typed)}'${near === undefined ? "." : `; did you mean '${inline(near)}'?`}`
            : `'${inline(typed)}' is not offered by '${inline(Option.getOrElse(provider, () => ""))}', only by ${elsewhere.providers.map(inline).join(", ")}.`,
        help: "`spool models` lists them; describe others under `providers.<name>.models.<model>`."
      })
    }
    yield* Effect.forEach(asked, (listed) => output.value({ type: "model", ...listed }), { discard: true })
    const [first] = asked
    if (output.json) return
    yield* output.print(Option.isSome(name) && first !== undefined ? one(first) : listing(asked))
  })
