import { HttpApiBuilder } from "@effect/platform"
import { DuplicateMarks } from "@mediaspool/plugins"
import { Effect, Option, Schema } from "effect"
import { Api } from "../Api.js"
import { refused } from "../api/Problem.js"
import * as DuplicateGroups from "../duplicates/DuplicateGroups.js"
import { Feed } from "../Feed.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

const GROUPS = 20

/** The last line of `spool duplicates --json`. */
const decode = Schema.decodeOption(
  Schema.parseJson(Schema.Struct({ type: Schema.Literal("summary"), groups: Schema.Int, fingerprints: Schema.Int }))
)

export const duplicateHandlers = HttpApiBuilder.group(Api, "duplicates", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const feed = yield* Feed
    const processes = yield* SpoolProcess
    const { folder } = yield* Site
    const changed = Effect.zipRight(library.edited, feed.tell({ name: "library", data: {} }))
    return (
      handlers
        .handle("groups", ({ urlParams: { how, limit = GROUPS, offset = 0 } }) =>
          Effect.provideService(DuplicateGroups.read({ how, limit, offset }, folder), LibraryConnection, library)
        )
        .handle("mark", ({ payload: { marks } }) =>
          Effect.gen(function* () {
            const before = yield* library
              .use(DuplicateMarks.put(marks))
              .pipe(Effect.catchTag("LibraryError", (error) => Effect.die(error)))
            yield* changed
            return { before }
          })
        )
        // A process of its own: holding every sound against the others takes a processor for long.
        .handle("find", () =>
          Effect.gen(function* () {
            yield* library.opened
            const lines = yield* processes.values(["duplicates"])
            const { fingerprints, groups } = yield* Option.match(decode(lines[lines.length - 1] ?? ""), {
              onNone: () => refused("RunRefused", "what was found can't be read"),
              onSome: Effect.succeed
            })
            yield* changed
            return { groups, fingerprints }
          })
        )
    )
  })
)
