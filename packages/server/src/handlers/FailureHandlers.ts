import { HttpApiBuilder } from "@effect/platform"
import { Column, RawPath, requeue, type Row, WatchControl } from "@mediaspool/core"
import { Effect } from "effect"
import { basename, dirname } from "node:path"
import { Api } from "../Api.js"
import type { FailedFile } from "../api/FailureApi.js"
import { Feed } from "../Feed.js"
import { LibraryConnection } from "../library/LibraryConnection.js"

const SHOWN = 5
const PAGE = 100

const GROUPS = `SELECT pipeline, node, code, retry, min(help) AS help, count(*) AS n FROM failure JOIN item ON item.id = failure.item
WHERE gone_at = 0 GROUP BY pipeline, node, code, retry ORDER BY n DESC, pipeline, node, code`
const FILES = `SELECT failure.*, item.path AS file, media.id AS media_id FROM failure JOIN item ON item.id = failure.item
  LEFT JOIN media ON media.content_hash = item.content_hash
WHERE gone_at = 0 AND (? IS NULL OR pipeline = ?) AND (? IS NULL OR node = ?) AND (? IS NULL OR code = ?)
ORDER BY failed_at DESC, item LIMIT ? OFFSET ?`

const fileOf = (row: Row): typeof FailedFile.Type => {
  const file = Column.path(row, "file")
  return {
    item: Column.number(row, "item") ?? 0,
    mediaId: Column.number(row, "media_id") ?? null,
    name: RawPath.display(basename(file)),
    folder: RawPath.display(dirname(file)),
    message: Column.text(row, "message") ?? "",
    attempts: Column.number(row, "attempts") ?? 0,
    failedAt: Column.time(row, "failed_at")
  }
}

export const failureHandlers = HttpApiBuilder.group(Api, "failures", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const feed = yield* Feed
    const files = (
      of: { readonly pipeline?: string | undefined; readonly node?: string | undefined; readonly code?: string | undefined },
      limit: number,
      offset: number
    ) =>
      Effect.gen(function* () {
        const { query } = yield* library.opened
        const { code = null, node = null, pipeline = null } = of
        return (yield* query.rows(FILES, [pipeline, pipeline, node, node, code, code, limit, offset])).map(fileOf)
      })
    return handlers
      .handle("groups", () =>
        Effect.gen(function* () {
          const { query } = yield* library.opened
          return yield* Effect.forEach(yield* query.rows(GROUPS, []), (row) =>
            Effect.gen(function* () {
              const group = {
                pipeline: Column.text(row, "pipeline") ?? "",
                node: Column.text(row, "node") ?? "",
                code: Column.text(row, "code") ?? "",
                retry: Column.text(row, "retry") ?? "",
                help: Column.text(row, "help") ?? "",
                count: Column.number(row, "n") ?? 0
              }
              return { ...group, files: yield* files(group, SHOWN, 0) }
            })
          )
        })
      )
      .handle("files", ({ urlParams: { offset = 0, ...of } }) => files(of, PAGE, offset))
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
