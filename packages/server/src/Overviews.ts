import { Context, Effect, Layer } from "effect"
import type { Overview } from "./api/SessionApi.js"
import { Column, ConfigFile, RunControl, RunProgress } from "@mediaspool/core"
import * as DuplicateGroups from "./duplicates/DuplicateGroups.js"
import * as Kept from "./library/Kept.js"
import { LibraryConnection } from "./library/LibraryConnection.js"
import { Site } from "./Site.js"

/** What stands beside the views' names. */
const COUNTS = `SELECT (SELECT count(*) FROM media) AS files,
  (SELECT count(*) FROM (SELECT DISTINCT content_hash, pipeline, node FROM doubt_now)) AS review,
  (SELECT count(DISTINCT item) FROM failure JOIN item ON item.id = failure.item WHERE gone_at = 0) AS failures`
/** Runs that have not ended; that of a process which died never does. */
const OPEN = `SELECT DISTINCT pipeline, owner FROM run WHERE outcome IS NULL AND ${RunProgress.FOR_PEOPLE}`

const none: Overview["counts"] = { files: 0, review: 0, failures: 0, duplicates: 0, running: 0 }
const counts = Kept.make<Omit<Overview["counts"], "running">>(1)

export class Overviews extends Context.Tag("@mediaspool/server/Overviews")<
  Overviews,
  { readonly now: Effect.Effect<Overview> }
>() {
  static readonly layer: Layer.Layer<Overviews, never, LibraryConnection | Site> = Layer.effect(
    Overviews,
    Effect.gen(function* () {
      const library = yield* LibraryConnection
      const { config, folder, project, version } = yield* Site
      const hasConfig = Effect.isSuccess(ConfigFile.find({ cwd: folder, file: config }))
      const twice = Effect.provideService(DuplicateGroups.open, LibraryConnection, library)
      const counted = counts("", ({ query }) =>
        Effect.zipWith(query.rows(COUNTS, [], "counting"), twice, ([row = {}], duplicates) => ({
          files: Column.number(row, "files") ?? 0,
          review: Column.number(row, "review") ?? 0,
          failures: Column.number(row, "failures") ?? 0,
          duplicates
        }))
      ).pipe(Effect.provideService(LibraryConnection, library))
      // Never kept: a process that dies writes nothing.
      const running = Effect.gen(function* () {
        const { query } = yield* library.opened
        const open = yield* query.rows(OPEN, [])
        const lives = yield* library.use(RunControl.alive)
        return new Set(open.filter((run) => lives(Column.text(run, "owner") ?? "")).map((run) => Column.text(run, "pipeline")))
          .size
      })
      const all = Effect.zipWith(counted, running, (counts, running) => ({ ...counts, running }))
      return {
        now: Effect.gen(function* () {
          const state = yield* library.state
          const read = yield* Effect.either(state._tag === "Ready" ? all : Effect.succeed(none))
          const problem = state._tag === "Away" ? state.problem : read._tag === "Left" ? read.left : undefined
          return {
            library: state._tag === "Absent" ? "absent" : problem === undefined ? "ready" : "away",
            problem: problem === undefined ? null : { code: problem.code, message: problem.message, help: problem.help },
            hasConfig: yield* hasConfig,
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
