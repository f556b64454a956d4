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
  link: ["link", "links"],
  unknown: ["file of unknown content", "files of unknown content"]
}

/** What a file is that was ignored. */
export const reasonText = (reason: IgnoredReason): string => names[reason][0]

const listed = (total: number): string => `\`spool ls --status ignored\` lists ${total === 1 ? "it" : "them"}.`

/** What was ignored, the most frequent first: a line for what is no media, one for links, or none. */
export const ignoredText = ({ link = 0, ...others }: IgnoredCounts): ReadonlyArray<string> => {
  const total = totalIgnored(others)
  const parts = ignoredReasons
    .flatMap((reason) => {
      const files = reason === "link" ? 0 : (others[reason] ?? 0)
      return files === 0 ? [] : [{ files, text: `${count(files)} ${names[reason][files === 1 ? 0 : 1]}` }]
    })
    .sort((a, b) => b.files - a.files)
    .map(({ text }) => text)
  return [
    ...(total === 0 ? [] : [`Ignored, no media: ${parts.join(", ")}. ${listed(total)}`]),
    ...(link === 0 ? [] : [`Links are not followed: ${count(link)}. ${listed(link)}`])
  ]
}
