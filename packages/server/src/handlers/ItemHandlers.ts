import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Column, explain, Original, RawPath } from "@mediaspool/core"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { missing } from "../api/Problem.js"
import * as Item from "../library/Item.js"
import * as Alike from "../library/Alike.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import * as Rows from "../library/Rows.js"
import * as Step from "../library/Step.js"
import { Site } from "../Site.js"
import * as CaptionTrack from "../media/CaptionTrack.js"
import * as FileResponse from "../media/FileResponse.js"
import * as Playback from "../media/Playback.js"
import { Previews } from "../media/Previews.js"

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const itemHandlers = HttpApiBuilder.group(Api, "items", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const previews = yield* Previews
    const { folder } = yield* Site
    const inLibrary = Effect.provideService(LibraryConnection, library)
    const row = (id: number) =>
      Effect.gen(function* () {
        const { query } = yield* library.opened
        const [found] = yield* query.rows(Item.ONE, [id])
        return found ?? (yield* missing("ItemUnknown", `the library has no file with the number ${id}`))
      })
    return handlers
      .handle("details", ({ path: { id } }) => Effect.flatMap(row(id), (found) => inLibrary(Item.details(found))))
      .handle("why", ({ path: { id }, urlParams: { node } }) =>
        Effect.gen(function* () {
          const found = yield* row(id)
          const reasons = yield* library.use(explain(Column.path(found, "raw_path"), node)).pipe(Effect.orDie)
          return reasons.map(({ before, changes, node, outcome, ranAt, stage }) => ({
            node,
            stage: stage ?? null,
            ranAt: iso(ranAt),
            outcome,
            before: before === undefined ? null : iso(before),
            changes: changes.map(({ after, before, part }) => ({ part, before: before ?? null, after: after ?? null }))
          }))
        })
      )
      .handle("step", ({ path: { attempt, id } }) => inLibrary(Step.read(id, attempt)))
      .handle("alike", ({ path: { id } }) =>
        Effect.gen(function* () {
          const found = yield* row(id)
          const near = yield* library.use(
            Alike.to(Column.text(found, "content_hash") ?? "").pipe(Effect.catchTag("LibraryError", (error) => Effect.die(error)))
          )
          const rows = yield* Rows.read(
            yield* library.opened,
            near.map(({ mediaId }) => mediaId),
            [],
            folder
          )
          return { rows: rows.map((row) => ({ ...row, score: near.find(({ mediaId }) => mediaId === row.id)?.score ?? 0 })) }
        })
      )
      .handle("sound", ({ path: { id }, urlParams: { copy, plays = "" } }) =>
        Effect.gen(function* () {
          const found = yield* row(id)
          const { how, mediaType, type } = Playback.of(found, plays.split(","))
          const original = new Original({
            hash: Column.text(found, "content_hash") ?? "",
            size: Column.number(found, "size_bytes") ?? 0,
            path: Column.path(found, "raw_path")
          })
          if (how === "none") return yield* missing("FileGone", "there is nothing in this file to play")
          if (how === "preview" || copy === "true") return yield* FileResponse.send(yield* previews.of(original, type))
          return yield* FileResponse.send({
            path: RawPath.forNode(original.path),
            size: original.size,
            type: mediaType,
            tag: original.hash.slice(0, 32)
          })
        })
      )
      .handle("captions", ({ path: { id } }) =>
        Effect.gen(function* () {
          yield* row(id)
          const { query } = yield* library.opened
          return HttpServerResponse.text(CaptionTrack.vtt(yield* query.rows(CaptionTrack.SEGMENTS, [id])), {
            contentType: "text/vtt; charset=utf-8"
          })
        })
      )
  })
)
