import { all, Failure, Field, Kind, Library, LibraryError, Node, Sink, StateFolder } from "@mediaspool/core"
import { DateTime, Effect, Either, Option, Schema } from "effect"
import { Persisted, SourceFile } from "../kinds.js"
import * as MediaRecord from "../library/MediaRecord.js"
import * as Blocklist from "../library/Blocklist.js"
import * as CorrectedValue from "../library/CorrectedValue.js"
import * as Corrections from "../library/Corrections.js"
import * as Receipt from "../library/Receipt.js"

/** The content is on the blocklist. */
export class ForgottenError extends Failure.Class<ForgottenError>()("ForgottenError", {
  ContentForgotten: {
    retry: "skip",
    help: "This file was taken out of the library for good; `spool forget --undo` lets it in again."
  }
}) {}

/** A fault in the words of one kind keeps nothing else from the library. */
const withWords = ({ node, value }: MediaRecord.Settled): Effect.Effect<MediaRecord.Settled> =>
  Either.match(Kind.wordsOf(value), {
    onRight: (words) => Effect.succeed({ node, value, words }),
    onLeft: (detail) =>
      Effect.as(Effect.logWarning(`the search words of '${node}' can't be used, tell its plugin's author: ${detail}`), {
        node,
        value
      })
  })

/** Writes what settled into the library: rows that read well in any SQLite tool, and the full-text search over them. */
export const persist = Sink.make({
  name: "persist",
  version: 1,
  summary: "Writes captions, tags and everything else that settled into the library, ready to be searched",
  input: { file: SourceFile, results: all() },
  output: Persisted,
  config: Field.none,
  error: Schema.Union(LibraryError, ForgottenError),
  isWritten: Receipt.isWritten,
  isExcluded: Blocklist.has,
  notes: Corrections.notes,
  corrections: CorrectedValue.of,
  batch: { written: Receipt.written, excluded: Blocklist.among, notes: Corrections.allNotes, corrections: CorrectedValue.among },
  run: ({ file, results }) =>
    Effect.gen(function* () {
      const library = yield* Library
      const { key, node, pipeline, wired } = yield* Node
      const receipt = { contentHash: file.file.hash, pipeline, node, key }
      const before = yield* Receipt.last(receipt)
      if (before.forgotten) return yield* new ForgottenError({ code: "ContentForgotten", detail: "the file was forgotten" })

      const settled = yield* Effect.forEach(
        results.filter(({ value }) => !(value instanceof SourceFile) && !(value instanceof Persisted)),
        withWords
      )
      const present = settled.map(({ node }) => node)
      // Nodes that failed this time keep what they gave before; those that are in the pipeline no longer don't.
      const stale = before.nodes.filter((name) => !present.includes(name) && wired?.["results"]?.includes(name) === false)
      const record: MediaRecord.MediaRecord = {
        source: file,
        settled,
        pipeline,
        stale,
        writtenAt: DateTime.formatIso(yield* DateTime.now),
        stateFolder: Option.getOrUndefined(yield* Effect.serviceOption(StateFolder))?.path
      }
      const nodes = [...new Set([...before.nodes, ...present])].filter((name) => !stale.includes(name))
      yield* library.write([...MediaRecord.statements(record), Receipt.write({ ...receipt, nodes, writtenAt: record.writtenAt })])
      return new Persisted({ mediaId: yield* Receipt.mediaId(file.file.hash), rows: MediaRecord.count(record) })
    })
})
