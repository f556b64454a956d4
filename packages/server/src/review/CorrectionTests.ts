import { Column, type Project, RawPath } from "@mediaspool/core"
import { Corrections } from "@mediaspool/plugins"
import { Effect } from "effect"
import { basename, relative } from "node:path"
import type { Away } from "../api/Problem.js"
import { LibraryConnection } from "../library/LibraryConnection.js"

/** A string that YAML reads as it is written: JSON is YAML. */
const quoted = (words: string): string => JSON.stringify(words)

/** Words of a caption that a later one should mention too: the longest ones, which say most. */
const mentioned = (caption: string): ReadonlyArray<string> =>
  [...new Set(caption.toLowerCase().match(/\p{L}{5,}/gu) ?? [])].sort((a, b) => b.length - a.length).slice(0, 5)

const expectation = ({ kind, tags, text }: Corrections.Correction): ReadonlyArray<string> =>
  kind === "tags"
    ? [`tagged: [${[...new Set(tags.map(({ label }) => label))].map(quoted).join(", ")}]`]
    : [
        `mentions: [${mentioned(text ?? "")
          .map(quoted)
          .join(", ")}]`
      ]

const FILES = "SELECT CAST(path AS BLOB) AS path FROM media WHERE content_hash = ?"

/** Every word that is pinned, as an entry for its pipeline's `tests:`, ready to be put into the config. */
export const read = (folder: string, project: Project.Project | undefined): Effect.Effect<string, Away, LibraryConnection> =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const { query } = yield* library.opened
    const pinned = yield* library.use(Corrections.pinned).pipe(Effect.catchTag("LibraryError", (error) => Effect.die(error)))
    const lines: Array<string> = [
      "# What people accepted or corrected: put it under the pipeline's `tests:`, and run `spool test`."
    ]
    for (const pipeline of [...new Set(pinned.map((one) => one.pipeline))]) {
      const known = project?.pipelines.get(pipeline)?.plan.nodes.map(({ name }) => name)
      lines.push(`${quoted(pipeline)}:`, "  tests:")
      const files = [...new Set(pinned.filter((one) => one.pipeline === pipeline).map(({ contentHash }) => contentHash))]
      for (const hash of files) {
        const [row] = yield* query.rows(FILES, [hash])
        if (row === undefined) continue
        const file = Column.path(row, "path")
        const words = pinned.filter(
          (one) => one.contentHash === hash && one.pipeline === pipeline && known?.includes(one.node) !== false
        )
        if (words.length === 0 || !RawPath.isText(file)) continue
        lines.push(`    ${quoted(`${basename(file)} ${hash.slice(0, 8)}`)}:`)
        lines.push(`      clip: ${quoted(relative(folder, file))}`, "      expect:")
        for (const word of words) {
          lines.push(`        ${word.node}:`)
          for (const line of expectation(word)) lines.push(`          ${line}`)
        }
      }
    }
    return `${lines.join("\n")}\n`
  })
