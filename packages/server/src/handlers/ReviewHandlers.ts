import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Corrections, CorrectionError } from "@mediaspool/plugins"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { missing, type Refused, refused, words } from "../api/Problem.js"
import { type CorrectedTag, Outdated } from "../api/ReviewApi.js"
import { Feed } from "../Feed.js"
import { Column } from "@mediaspool/core"
import * as Item from "../library/Item.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import * as CorrectionTests from "../review/CorrectionTests.js"
import * as Redo from "../review/Redo.js"
import * as ReviewQueue from "../review/ReviewQueue.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

const outdated = (error: CorrectionError, standing: Corrections.Correction | undefined) =>
  new Outdated({ ...words(error), standing: standing === undefined ? null : Item.correction(standing) })

const notJudged = (error: CorrectionError, standing: Corrections.Correction | undefined): Outdated | Refused =>
  error.code === "NothingToCorrect" ? refused("CorrectionRefused", error.message) : outdated(error, standing)

const tagOf = (tag: typeof CorrectedTag.Type): Corrections.CorrectedTag => ({
  ...tag,
  startSeconds: tag.startSeconds ?? undefined,
  endSeconds: tag.endSeconds ?? undefined
})

export const reviewHandlers = HttpApiBuilder.group(Api, "review", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const feed = yield* Feed
    const site = yield* Site
    const { folder, project } = site
    const processes = yield* SpoolProcess
    const inLibrary = Effect.provideService(LibraryConnection, library)
    const running = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      inLibrary(effect).pipe(Effect.provideService(Site, site), Effect.provideService(SpoolProcess, processes))
    const changed = Effect.zipRight(library.edited, feed.tell({ name: "library", data: {} }))
    return handlers
      .handle("queue", ({ urlParams: { limit = 20, reason } }) => inLibrary(ReviewQueue.read(reason, limit)))
      .handle("judge", ({ payload }) =>
        Effect.gen(function* () {
          const { basis, mediaId, node, note, pipeline, segments, tags, text: said, verdict } = payload
          const { query } = yield* library.opened
          const [row] = yield* query.rows("SELECT content_hash FROM media WHERE id = ?", [mediaId])
          if (row === undefined) return yield* missing("ItemUnknown", `the library has no file with the number ${mediaId}`)
          const place = { contentHash: Column.text(row, "content_hash") ?? "", pipeline, node }
          if (segments?.some(({ endSeconds, startSeconds }) => endSeconds < startSeconds) === true)
            return yield* refused("CorrectionRefused", "a part ends before it begins")
          if (verdict === "corrected" && said === undefined && segments === undefined && tags === undefined)
            return yield* refused("CorrectionRefused", "there is no word to put in place of the model's")
          const judged = library.use(
            Corrections.judge({
              ...place,
              verdict,
              basis: basis ?? undefined,
              note: note ?? undefined,
              word: {
                ...(said === undefined ? {} : { text: said ?? undefined }),
                ...(segments === undefined ? {} : { segments }),
                ...(tags === undefined ? {} : { tags: tags.map(tagOf) })
              }
            }).pipe(
              Effect.catchTag("CorrectionError", (error) =>
                Effect.flatMap(Corrections.standing(place), (standing) => Effect.fail(notJudged(error, standing)))
              ),
              Effect.catchTag("LibraryError", (error) => Effect.die(error))
            )
          )
          const made = yield* verdict === "redo" ? running(Redo.ask({ mediaId, pipeline, node }, judged)) : judged
          yield* changed
          return Item.correction(made)
        })
      )
      .handle("price", ({ urlParams }) => running(Redo.price(urlParams)))
      .handle("undo", ({ path: { id } }) =>
        Effect.gen(function* () {
          const standing = yield* library.use(
            Corrections.undo(id).pipe(
              Effect.catchTag("CorrectionError", (error) => outdated(error, undefined)),
              Effect.catchTag("LibraryError", (error) => Effect.die(error))
            )
          )
          yield* changed
          return { standing: standing === undefined ? null : Item.correction(standing) }
        })
      )
      .handle("tests", () =>
        Effect.gen(function* () {
          const planned = yield* Effect.orElseSucceed(project, () => undefined)
          const entries = yield* inLibrary(CorrectionTests.read(folder, planned))
          return HttpServerResponse.text(entries, { contentType: "text/plain; charset=utf-8" })
        })
      )
  })
)
