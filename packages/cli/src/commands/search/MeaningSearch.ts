import { CommandCalls, Cost, type Project } from "@mediaspool/core"
import { Meaning, modelsLayer, QuestionVector, type Search, VectorIndex } from "@mediaspool/plugins"
import { Effect, Layer, Option } from "effect"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as layers from "../../layers.js"
import { Output } from "../../output/Output.js"
import { place } from "../../output/Text.js"
import { loadProject } from "../../project.js"
import { usage } from "../../query.js"
import { Refused } from "../../Refused.js"
import { ofAccounts } from "../run/budgets.js"

/** The settings of the first node that makes vectors of what is said. */
const settingsOf = ({ pipelines }: Project.Project) =>
  [...pipelines.values()].flatMap(({ plan }) => plan?.nodes.flatMap((node) => QuestionVector.settingsOf(node) ?? []) ?? [])[0]

/** What a question means, mixed with what has its words; `None` where nothing has been run yet. */
export const searchMeaning = (config: Option.Option<string>, typed: string, paging: Search.Options) =>
  Effect.gen(function* () {
    const project = yield* loadProject(config)
    const settings = settingsOf(project)
    const question = Meaning.questionOf(typed)
    if (settings === undefined)
      return yield* Refused.usage(
        "No pipeline of the config makes vectors of what is said.",
        "Add `embed: { with: { provider: … } }` to a pipeline, before `persist`, and run it."
      )
    if (question === "")
      return yield* Refused.usage(
        "--meaning needs a question.",
        'Write it in words: spool search "a storm coming closer" --meaning'
      )
    if (!existsSync(join(project.state, "spool.db"))) return Option.none<Meaning.Result>()
    const hint = "run a pipeline with the stage `embed`"
    const models = Layer.provide(modelsLayer, FetchHttpClient.layer)
    return yield* Effect.gen(function* () {
      const { model, price, vector } = yield* QuestionVector.of(question, settings, hint)
      const output = yield* Output
      if (price !== undefined) yield* output.note(`The question's vector cost ${Cost.format(price)}; asked again it is free.`)
      return Option.some(yield* Meaning.search(vector, model, typed, { ...paging, hint }))
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          models,
          CommandCalls.layer(ofAccounts(project)),
          VectorIndex.layer(join(project.state, "vectors.db"))
        ).pipe(Layer.provideMerge(layers.layer(project)))
      ),
      Effect.catchTags({
        SearchError: usage,
        LibraryError: (error) => Refused.of(error),
        ModelError: (error) => Refused.of(error),
        SecretError: (error) => Refused.of(error),
        CallHeld: (error) => Refused.of(error),
        StoreError: (error) => Refused.of(error, place(project.state))
      })
    )
  })
