import { RawPath } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import { promises as fs } from "node:fs"
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
  bytes: number
}

/** Owner and time are the same everywhere, so that a shard is reproducible. */
const header = (name: string, size: number) => ({ name, size, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 })

/** All that the packer has ready. */
const drain = ({ file, pack }: Shard): Effect.Effect<void, ExportError> =>
  Effect.gen(function* () {
    for (let chunk: unknown = pack.read(); chunk instanceof Uint8Array; chunk = pack.read()) yield* file.write(chunk)
  })

const addText = (shard: Shard, name: string, text: string): Effect.Effect<void, ExportError> =>
  Effect.suspend(() => {
    shard.pack.entry(header(name, Buffer.byteLength(text)), text)
    return drain(shard)
  })

const addFile = (shard: Shard, name: string, from: string, size: number): Effect.Effect<void, ExportError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const handle = yield* Effect.acquireRelease(
        Effect.tryPromise({ try: () => fs.open(RawPath.forNode(from), "r"), catch: notWritten }),
        (handle) => Effect.promise(() => handle.close())
      )
      const entry = shard.pack.entry(header(name, size))
      const chunks = handle.createReadStream({ start: 0, end: Math.max(0, size - 1), autoClose: false })
      let left = size
      yield* Stream.runForEach(size === 0 ? Stream.empty : Stream.fromAsyncIterable<Buffer, ExportError>(chunks, notWritten), (chunk) => {
        left -= chunk.length
        entry.write(chunk)
        return drain(shard)
      })
      // A file that shrank would leave the archive out of step.
      if (left > 0) return yield* Effect.fail(notWritten(new Error(`${from} became shorter while it was read`)))
      entry.end()
      yield* drain(shard)
    })
  )

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
      const close = (shard: Shard) =>
        Effect.gen(function* () {
          shard.pack.finalize()
          yield* drain(shard)
          yield* Effect.flatMap(shard.file.end, staging.add)
        })
      const shardOf = (part: string, size: number) =>
        Effect.gen(function* () {
          const current = open.get(part)
          if (current !== undefined && (current.bytes === 0 || current.bytes + size <= options.shardBytes)) return current
          if (current !== undefined) yield* close(current)
          const n = counts.get(part) ?? 0
          counts.set(part, n + 1)
          const file = yield* staging.file(`${part}-${String(n).padStart(6, "0")}.tar`)
          const shard: Shard = { pack: pack(), file, bytes: 0 }
          open.set(part, shard)
          return shard
        })
      const take = (row: SplitRow) =>
        Effect.gen(function* () {
          const from = mediaFileOf(row, options.stateFolder, options.files)
          const stat =
            from === undefined
              ? undefined
              : yield* Effect.promise(() => fs.stat(RawPath.forNode(from)).catch(() => undefined))
          if (from === undefined || stat?.isFile() !== true) return void (leftOut += 1)
          const json = withSplit(row)
          const shard = yield* shardOf(row.split ?? "shard", stat.size + json.length)
          const key = stemOf(row)
          yield* addFile(shard, `${key}.${endingOf(from)}`, from, stat.size)
          yield* addText(shard, `${key}.json`, json)
          yield* addText(shard, `${key}.txt`, captionOf(row))
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
