import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { NodeStream } from "@effect/platform-node"
import { Effect, Option, Schema, Stream } from "effect"
import { createReadStream, promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Api } from "../Api.js"
import { refused } from "../api/Problem.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import { SpoolProcess } from "../runs/SpoolProcess.js"
import { Site } from "../Site.js"

/** The last line of `spool export --json`. */
const decode = Schema.decodeOption(
  Schema.parseJson(
    Schema.Struct({ type: Schema.Literal("exported"), path: Schema.String, counts: Schema.Struct({ media: Schema.Int }) })
  )
)

const types = { jsonl: "application/jsonl", csv: "text/csv", parquet: "application/vnd.apache.parquet", m3u8: "audio/mpegurl" }

export const exportHandlers = HttpApiBuilder.group(Api, "exports", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const processes = yield* SpoolProcess
    const { folder } = yield* Site
    // One at a time: each reads all that fits.
    const turn = yield* Effect.makeSemaphore(1)
    const write = (q: string, as: string, to: string) =>
      Effect.gen(function* () {
        yield* library.opened
        const lines = yield* turn.withPermits(1)(processes.values(["export", "--as", as, "--to", to], [q]))
        return yield* Option.match(decode(lines[lines.length - 1] ?? ""), {
          onNone: () => refused("RunRefused", "the export can't be read"),
          onSome: Effect.succeed
        })
      })
    const remove = (path: string) => Effect.promise(() => fs.rm(path, { force: true, recursive: true }))
    return handlers
      .handle("download", ({ urlParams: { as, q = "" } }) =>
        Effect.gen(function* () {
          // The state folder takes no exports.
          const place = yield* Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-export-")))
          const file = join(place, `mediaspool.${as}`)
          yield* Effect.onError(write(q, as, file), () => remove(place))
          const bytes = NodeStream.fromReadable(
            () => createReadStream(file),
            (cause) => refused("RunRefused", String(cause))
          )
          return HttpServerResponse.stream(Stream.ensuring(bytes, remove(place)), {
            contentType: types[as],
            headers: { "content-disposition": `attachment; filename="mediaspool.${as}"` }
          })
        })
      )
      .handle("folder", ({ payload: { as, name, q = "" } }) =>
        Effect.gen(function* () {
          yield* Effect.promise(() => fs.mkdir(join(folder, "exports"), { recursive: true }))
          const { counts, path } = yield* write(q, as, join(folder, "exports", name))
          return { path, media: counts.media }
        })
      )
  })
)
