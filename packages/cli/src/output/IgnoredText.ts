import { type IgnoredCounts, type IgnoredReason, ignoredReasons, totalIgnored } from "@mediaspool/core"
import { count } from "./Quantity.js"

/** What an ignored file is, in a sentence: one of them, several. */
const names: Readonly<Record<IgnoredReason, readonly [one: string, several: string]>> = {
  picture: ["picture", "pictures"],
  text: ["text file", "text files"],
  playlist: ["playlist", "playlists"],
  midi: ["MIDI file", "MIDI files"],
  document: ["document", "documents"],
  archive: ["archive", "archives"],
  program: ["program", "programs"],
  data: ["data file", "data files"],
  empty: ["empty file", "empty files"],
  unreadable: ["unreadable file", "unreadable files"],
  unknown: ["file of unknown content", "files of unknown content"]
}

/** What a file is that was ignored. */
export const reasonText = (reason: IgnoredReason): string => names[reason][0]

/** What was ignored, the most frequent first: a line, or none. */
export const ignoredText = (counts: IgnoredCounts): ReadonlyArray<string> => {
  const total = totalIgnored(counts)
  if (total === 0) return []
  const parts = ignoredReasons
    .flatMap((reason) => {
      const files = counts[reason] ?? 0
      return files === 0 ? [] : [{ files, text: `${count(files)} ${names[reason][files === 1 ? 0 : 1]}` }]
    })
    .sort((a, b) => b.files - a.files)
    .map(({ text }) => text)
  return [`Ignored, no media: ${parts.join(", ")}. \`spool ls --status ignored\` lists ${total === 1 ? "it" : "them"}.`]
}
