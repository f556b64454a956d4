import { Column, type Project, RawPath } from "@mediaspool/core"
import { Effect } from "effect"
import { type Away, missing, type Missing, refused, type Refused } from "../api/Problem.js"
import type { RedoPrice } from "../api/ReviewApi.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

/** A node's word on a file. */
export interface Place {
  readonly mediaId: number
  readonly pipeline: string
  readonly node: string
}

const FILE = "SELECT CAST(path AS BLOB) AS path, duration_seconds, missing FROM media WHERE id = ?"

/** A file that can be asked about again. */
interface Askable {
  readonly path: string
  readonly seconds: number
  readonly project: Project.Project
}

/** The file to ask about again, where its node can be asked. */
const fileOf = ({ mediaId, node, pipeline }: Place): Effect.Effect<Askable, Away | Missing | Refused, LibraryConnection | Site> =>
  Effect.gen(function* () {
    const { query } = yield* Effect.flatMap(LibraryConnection, (library) => library.opened)
    const [row] = yield* query.rows(FILE, [mediaId])
    if (row === undefined) return yield* missing("ItemUnknown", `the library has no file with the number ${mediaId}`)
    if (row["missing"] === 1) return yield* missing("FileGone", "the file is not there any more")
    const project = yield* Effect.mapError(
      Effect.flatMap(Site, (site) => site.project),
      (message) => refused("RunRefused", message)
    )
    const known = project.pipelines.get(pipeline)?.plan.nodes.find(({ name }) => name === node)
    if (known === undefined) return yield* refused("RunRefused", `the config has no '${node}' in '${pipeline}' any more`)
    if (!known.stage.takesNotes)
      return yield* refused("CorrectionRefused", `'${node}' asks no model: with the same file it says the same again`)
    const path = Column.path(row, "path")
    return RawPath.isText(path)
      ? { path, project, seconds: Column.number(row, "duration_seconds") ?? 0 }
      : yield* refused("CorrectionRefused", "the file's name is not UTF-8, so that no command line can name it")
  })

/** What asking again would cost. */
export const price = (place: Place): Effect.Effect<typeof RedoPrice.Type, Away | Missing | Refused, LibraryConnection | Site> =>
  Effect.gen(function* () {
    const { project, seconds } = yield* fileOf(place)
    const library = yield* LibraryConnection
    const site = yield* Site
    return yield* library
      .use(site.price({ ...place, project, seconds }))
      .pipe(Effect.catchTag("LibraryError", (error) => Effect.die(error)))
  })

/** Writes the request down with `judge`, and runs the file. Nothing is written where the node can't be asked. */
export const ask = <A, E, R>(place: Place, judge: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { path } = yield* fileOf(place)
    const made = yield* judge
    const processes = yield* SpoolProcess
    // Should the run not start, the request stands, and the next run asks.
    yield* Effect.ignore(processes.redo(place.pipeline, path))
    return made
  })
