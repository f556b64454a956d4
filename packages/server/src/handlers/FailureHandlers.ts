import { HttpApiBuilder } from "@effect/platform"
import { Column, RawPath, requeue, type Row, WatchControl } from "@mediaspool/core"
import { Effect, Either, Schema } from "effect"
import { basename, dirname } from "node:path"
import { Api } from "../Api.js"
import type { FailedFile, FailureCause } from "../api/FailureApi.js"
import { Feed } from "../Feed.js"
import { LibraryConnection } from "../library/LibraryConnection.js"

const SHOWN = 5
const PAGE = 100

/** Nodes that failed for the same reason, and are advised the same, stand together: a damaged file fails in each that reads it. */
const GROUPS = `WITH place AS (SELECT pipeline, node, code, retry, min(help) AS help FROM failure JOIN item ON item.id = failure.item
  WHERE gone_at = 0 GROUP BY pipeline, node, code, retry)
SELECT pipeline, code, retry, place.help, json_group_array(DISTINCT node) AS nodes, count(DISTINCT item) AS n
FROM place JOIN failure USING (pipeline, node, code, retry) JOIN item ON item.id = failure.item
WHERE gone_at = 0 GROUP BY pipeline, code, retry, place.help ORDER BY n DESC, pipeline, code`
const FILES = `SELECT failure.item, item.path AS file, media.id AS media_id, media.media_type, media.duration_seconds,
  json_group_array(DISTINCT message) AS messages, max(attempts) AS attempts, max(failed_at) AS failed_at
FROM failure JOIN item ON item.id = failure.item LEFT JOIN media ON media.content_hash = item.content_hash
WHERE gone_at = 0 AND pipeline = ? AND code = ? AND retry = ? AND node IN (SELECT value FROM json_each(?))
GROUP BY failure.item ORDER BY max(failed_at) DESC, failure.item LIMIT ? OFFSET ?`

const decodeTexts = Schema.decodeUnknownEither(Schema.parseJson(Schema.Array(Schema.String)))
const texts = (row: Row, column: string): ReadonlyArray<string> => Either.getOrElse(decodeTexts(row[column]), () => [])

const fileOf = (row: Row): typeof FailedFile.Type => {
  const file = Column.path(row, "file")
  return {
    item: Column.number(row, "item") ?? 0,
    mediaId: Column.number(row, "media_id") ?? null,
    mediaType: Column.text(row, "media_type") ?? null,
    durationSeconds: Column.number(row, "duration_seconds") ?? null,
    name: RawPath.display(basename(file)),
    folder: RawPath.display(dirname(file)),
    messages: texts(row, "messages"),
    attempts: Column.number(row, "attempts") ?? 0,
    failedAt: Column.time(row, "failed_at")
  }
}

export const failureHandlers = HttpApiBuilder.group(Api, "failures", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const feed = yield* Feed
    const files = ({ code, nodes, pipeline, retry }: typeof FailureCause.Type, limit: number, offset: number) =>
      Effect.gen(function* () {
        const { query } = yield* library.opened
        return (yield* query.rows(FILES, [pipeline, code, retry, JSON.stringify(nodes), limit, offset])).map(fileOf)
      })
    return handlers
      .handle("groups", () =>
        Effect.gen(function* () {
          const { query } = yield* library.opened
          return yield* Effect.forEach(yield* query.rows(GROUPS, []), (row) =>
            Effect.gen(function* () {
              const cause = {
                pipeline: Column.text(row, "pipeline") ?? "",
                nodes: texts(row, "nodes"),
                code: Column.text(row, "code") ?? "",
                retry: Column.text(row, "retry") ?? ""
              }
              return {
                ...cause,
                help: Column.text(row, "help") ?? "",
                count: Column.number(row, "n") ?? 0,
                files: yield* files(cause, SHOWN, 0)
              }
            })
          )
        })
      )
      .handle("files", ({ urlParams: { nodes, offset = 0, ...cause } }) =>
        files({ ...cause, nodes: nodes.split(",") }, PAGE, offset)
      )
      .handle("requeue", ({ payload }) =>
        library
          .use(
            Effect.gen(function* () {
              const opened = yield* requeue(payload)
              yield* WatchControl.rescan
              return { items: opened.items }
            })
          )
          .pipe(
            Effect.catchTag("StoreError", (error) => Effect.die(error)),
            Effect.tap(() => Effect.zipRight(library.edited, feed.tell({ name: "library", data: {} })))
          )
      )
  })
)
