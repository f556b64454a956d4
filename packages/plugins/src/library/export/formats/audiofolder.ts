import { RawPath } from "@mediaspool/core"
import { Effect, Stream } from "effect"
import type { ExportFormat, SplitRow } from "../ExportFormat.js"
import type { HashedFile } from "../HashedFile.js"
import { card, rowSchema } from "./datasetCard.js"
import { endingOf, mediaFileOf, stemOf } from "./fileName.js"
import { withSplit } from "./jsonl.js"

/** Files that went away between the list and the copy are left out, as those that were gone before. */
const isGone = (cause: string): boolean => cause.includes("ENOENT")

export const audiofolder: ExportFormat = {
  kind: "folder",
  summary: "The files with metadata.jsonl, as Hugging Face's AudioFolder reads them",
  write: (pages, staging, options) =>
    Effect.gen(function* () {
      let leftOut = 0
      const lists = new Map<string, HashedFile>()
      const listOf = (folder: string) =>
        Effect.gen(function* () {
          const open = lists.get(folder)
          if (open !== undefined) return open
          const file = yield* staging.file(`${folder}metadata.jsonl`)
          lists.set(folder, file)
          return file
        })
      const take = (row: SplitRow) =>
        Effect.gen(function* () {
          const from = mediaFileOf(row, options.stateFolder, options.files)
          const folder = row.split === undefined ? "" : `${row.split}/`
          const list = yield* listOf(folder)
          if (from === undefined) return void (leftOut += 1)
          const name = `data/${stemOf(row)}.${endingOf(from)}`
          const copied = yield* staging.copy(RawPath.forNode(from), `${folder}${name}`).pipe(
            Effect.as(true),
            Effect.catchIf(
              ({ detail }) => isGone(detail),
              () => Effect.succeed(false)
            )
          )
          if (!copied) return void (leftOut += 1)
          yield* list.write(`{"file_name":${JSON.stringify(name)},${withSplit(row).slice(1)}\n`)
        })
      yield* Stream.runForEach(Stream.flattenIterables(pages), take)
      if (lists.size === 0) yield* listOf("")
      for (const list of lists.values()) yield* Effect.flatMap(list.end, staging.add)
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
