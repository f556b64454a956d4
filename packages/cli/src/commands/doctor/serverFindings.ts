import { type Project, Secrets, secretsFrom } from "@mediaspool/core"
import { ModelServers } from "@mediaspool/plugins"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Either } from "effect"
import { counted } from "../../output/Quantity.js"
import { inline } from "../../output/Text.js"
import type { Finding } from "./Finding.js"

/** One of several that is away is made up for by the others; where nobody answers, work waits. */
const finding = (servers: ReadonlyArray<ModelServers.ModelServer>): ReadonlyArray<Finding> =>
  servers.map(({ baseUrl, models, provider }) => {
    if (Either.isRight(models))
      return { name: provider, status: "ok", detail: `${inline(baseUrl)} answers, with ${counted(models.right.length, "model")}` }
    const { help, message } = models.left
    const others = servers.some((other) => other.provider === provider && Either.isRight(other.models))
    return {
      name: provider,
      status: others ? "warning" : "problem",
      detail: inline(message.includes(baseUrl) ? message : `${baseUrl}: ${message}`),
      help
    }
  })

/** Whether the model servers of the config answer: each is asked for its list of models, which costs nothing. */
export const serverFindings = ({ folder, settings }: Project.Project): Effect.Effect<ReadonlyArray<Finding>> =>
  ModelServers.ask(settings.section("providers")).pipe(
    Effect.map(finding),
    Effect.provideService(Secrets, secretsFrom(folder)),
    Effect.provide(FetchHttpClient.layer)
  )
