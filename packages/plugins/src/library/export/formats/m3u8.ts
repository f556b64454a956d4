import { Effect, Stream } from "effect"
import { RawPath } from "@mediaspool/core"
import type { ExportFormat } from "../ExportFormat.js"
import { parse } from "../ExportRow.js"

/** Text that stays on its line. */
const line = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim()

/** What players show: the artist and the title, else the file's name. */
const titleOf = (media: { readonly [column: string]: unknown }, path: string): string => {
  const [artist, title] = [media["artist"], media["title"]].map((value) => (typeof value === "string" ? line(value) : ""))
  return title === "" ? line(path.slice(path.lastIndexOf("/") + 1)) : artist === "" ? (title ?? "") : `${artist} - ${title}`
}

export const m3u8: ExportFormat = {
  kind: "file",
  summary: "A playlist of the files, in UTF-8",
  write: (pages, staging) =>
    Effect.gen(function* () {
      const file = yield* staging.file("")
      let leftOut = 0
      yield* file.write("#EXTM3U\n")
      yield* Stream.runForEach(pages, (rows) => {
        const entries = rows.flatMap((row) => {
          // A playlist has no way to write a line break, or bytes that are no text.
          if (row.missing || /[\r\n]/.test(row.path) || !RawPath.isText(row.path)) {
            leftOut += 1
            return []
          }
          const media = parse(row)
          const seconds = media.duration_seconds === null ? -1 : Math.round(media.duration_seconds)
          return [`#EXTINF:${seconds},${titleOf(media, row.path)}\n${row.path}\n`]
        })
        return file.write(entries.join(""))
      })
      yield* Effect.flatMap(file.end, staging.add)
      return leftOut
    })
}
