import { Context, Effect, Layer } from "effect"
import type { Overview } from "./api/SessionApi.js"
import { Column } from "@mediaspool/core"
import * as DuplicateGroups from "./duplicates/DuplicateGroups.js"
import * as Kept from "./library/Kept.js"
import { LibraryConnection } from "./library/LibraryConnection.js"
import { Site } from "./Site.js"

/** What stands beside the views' names. */
const COUNTS = `SELECT (SELECT count(*) FROM media) AS files,
  (SELECT count(*) FROM (SELECT DISTINCT content_hash, pipeline, node FROM doubt_now)) AS review,
  (SELECT count(*) FROM failure JOIN item ON item.id = failure.item WHERE gone_at = 0) AS failures,
  (SELECT count(*) FROM run WHERE outcome IS NULL AND summary IS NOT NULL AND started_at > ?) AS running`

const none: Overview["counts"] = { files: 0, review: 0, failures: 0, duplicates: 0, running: 0 }
const counts = Kept.make<Overview["counts"]>(1)

export class Overviews extends Context.Tag("@mediaspool/server/Overviews")<
  Overviews,
  { readonly now: Effect.Effect<Overview> }
>() {
  static readonly layer: Layer.Layer<Overviews, never, LibraryConnection | Site> = Layer.effect(
    Overviews,
    Effect.gen(function* () {
      const library = yield* LibraryConnection
      const { folder, project, version } = yield* Site
      const twice = Effect.provideService(DuplicateGroups.open, LibraryConnection, library)
      const counted = counts("", ({ query }) =>
        Effect.zipWith(query.rows(COUNTS, [0], "counting"), twice, ([row = {}], duplicates) => ({
          files: Column.number(row, "files") ?? 0,
          review: Column.number(row, "review") ?? 0,
          failures: Column.number(row, "failures") ?? 0,
          duplicates,
          running: Column.number(row, "running") ?? 0
        }))
      ).pipe(Effect.provideService(LibraryConnection, library))
      return {
        now: Effect.gen(function* () {
          const state = yield* library.state
          const read = yield* Effect.either(state._tag === "Ready" ? counted : Effect.succeed(none))
          const problem = state._tag === "Away" ? state.problem : read._tag === "Left" ? read.left : undefined
          return {
            library: state._tag === "Absent" ? "absent" : problem === undefined ? "ready" : "away",
            problem: problem === undefined ? null : { code: problem.code, message: problem.message, help: problem.help },
            config: yield* Effect.match(project, { onFailure: (message) => message, onSuccess: () => null }),
            folder,
            counts: read._tag === "Right" ? read.right : none,
            version
          } satisfies Overview
        })
      }
    })
  )
}
