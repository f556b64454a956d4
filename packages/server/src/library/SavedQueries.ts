import { SavedQueries } from "@mediaspool/plugins"
import { Effect, Option, Schema } from "effect"
import { Site } from "../Site.js"

const decode = Schema.validateOption(SavedQueries)

/** The queries that the config saves by name; none where it can't be used. */
export const now: Effect.Effect<SavedQueries, never, Site> = Effect.gen(function* () {
  const { project } = yield* Site
  const found = yield* Effect.option(project)
  return Option.getOrElse(
    Option.flatMap(found, ({ settings }) => decode(settings.section("queries"))),
    (): SavedQueries => ({})
  )
})
