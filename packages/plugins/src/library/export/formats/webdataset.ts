import { RawPath } from "@mediaspool/core"
import { Effect, Fiber, Stream } from "effect"
import { createReadStream, promises as fs } from "node:fs"
import { pipeline } from "node:stream/promises"
import type { Pack } from "tar-stream"
import { type ExportError, notWritten } from "../ExportError.js"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"
import { parse } from "../ExportRow.js"
import type { HashedFile } from "../HashedFile.js"
import { card, rowSchema } from "./datasetCard.js"
import { endingOf, mediaFileOf, stemOf } from "./fileName.js"
import { withSplit } from "./jsonl.js"

interface Shard {
  readonly pack: Pack
  readonly file: HashedFile
  /** Writes what the packer gives. */
  readonly written: Fiber.Fiber<void, ExportError>
  bytes: number
}

/** Owner and time are the same everywhere, so that a shard is reproducible. */
const header = (name: string, size: number) => ({ name, size, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 })

const addText = ({ pack }: Shard, name: string, text: string): Effect.Effect<void, ExportError> =>
  Effect.async((resume) => {
    pack.entry(header(name, Buffer.byteLength(text)), text, (error) =>
      resume(error instanceof Error ? Effect.fail(notWritten(error)) : Effect.void)
    )
  })

const addFile = ({ pack }: Shard, name: string, from: string, size: number): Effect.Effect<void, ExportError> =>
  Effect.tryPromise({
    try: (signal) => {
      // Of a file that grows meanwhile what was there; one that shrinks makes the packer refuse it.
      const source = createReadStream(RawPath.forNode(from), { end: Math.max(0, size - 1) })
      return pipeline(source, pack.entry(header(name, size)), { signal })
    },
    catch: notWritten
  })

/** Why a shard takes nothing more: what wrote it knows, and the packer only that it has ended. */
const causeOf = ({ written }: Shard, error: ExportError): Effect.Effect<never, ExportError> =>
  Effect.raceFirst(Effect.zipRight(Fiber.join(written), Effect.never), Effect.delay(Effect.fail(error), "1 second"))

const captionOf = (row: SplitRow): string => parse(row).captions.find(({ start_seconds }) => start_seconds === null)?.text ?? ""

export const webdataset: ExportFormat = {
  kind: "folder",
  summary: "Tar shards for training: the file, its row as .json and its caption as .txt",
  write: (pages, staging, options) =>
    Effect.gen(function* () {
      const { pack } = yield* Effect.promise(() => import("tar-stream"))
      const open = new Map<string, Shard>()
      const counts = new Map<string, number>()
      let leftOut = 0
      const close = ({ file, pack, written }: Shard) =>
        Effect.gen(function* () {
          pack.finalize()
          yield* Fiber.join(written)
          yield* Effect.flatMap(file.end, staging.add)
        })
      const shardOf = (part: string, size: number) =>
        Effect.gen(function* () {
          const current = open.get(part)
          if (current !== undefined && (current.bytes === 0 || current.bytes + size <= options.shardBytes)) return current
          if (current !== undefined) yield* close(current)
          const n = counts.get(part) ?? 0
          counts.set(part, n + 1)
          const file = yield* staging.file(`${part}-${String(n).padStart(6, "0")}.tar`)
          const packer = pack()
          const chunks = Stream.fromAsyncIterable(packer, notWritten).pipe(Stream.filter((chunk) => chunk instanceof Uint8Array))
          const written = yield* Effect.forkScoped(Stream.runForEach(chunks, file.write))
          const shard: Shard = { pack: packer, file, written, bytes: 0 }
          open.set(part, shard)
          return shard
        })
      const take = (row: SplitRow) =>
        Effect.gen(function* () {
          const from = mediaFileOf(row, options.stateFolder, options.files)
          const stat =
            from === undefined ? undefined : yield* Effect.promise(() => fs.stat(RawPath.forNode(from)).catch(() => undefined))
          if (from === undefined || stat?.isFile() !== true) return void (leftOut += 1)
          const json = withSplit(row)
          const shard = yield* shardOf(row.split ?? "shard", stat.size + json.length)
          const key = stemOf(row)
          yield* addFile(shard, `${key}.${endingOf(from)}`, from, stat.size).pipe(
            Effect.zipRight(addText(shard, `${key}.json`, json)),
            Effect.zipRight(addText(shard, `${key}.txt`, captionOf(row))),
            Effect.catchAll((error) => causeOf(shard, error))
          )
          shard.bytes += stat.size + json.length + 4096
        })
      yield* Stream.runForEach(Stream.flattenIterables(pages), take)
      for (const shard of open.values()) yield* close(shard)
      for (const [name, text] of [
        ["README.md", card(options)],
        ["schema.json", rowSchema(options)]
      ] as const) {
        const file = yield* staging.file(name)
        yield* file.write(text)
        yield* Effect.flatMap(file.end, staging.add)
      }
      return leftOut
    })
}
