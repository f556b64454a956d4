import type { ExportedMedia } from "../export/ExportRow.js"

/** A field of ours in a file, and what stands in it. */
export type TagValue = readonly [name: string, value: string]

const line = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim()

/** What the library says of a medium, as fields: the caption of the whole file, and the labels of each vocabulary. */
export const tagValues = ({ captions, tags }: ExportedMedia): ReadonlyArray<TagValue> => {
  const whole = captions.filter(({ start_seconds, text }) => start_seconds === null && line(text) !== "")
  const caption = whole.find(({ kind }) => kind !== "Caption") ?? whole[0]
  const labels = new Map<string, Set<string>>()
  for (const { label, vocabulary } of tags) labels.set(vocabulary, (labels.get(vocabulary) ?? new Set()).add(label))
  return [
    ...(caption === undefined ? [] : [["MEDIASPOOL_CAPTION", line(caption.text)] as const]),
    ...[...labels].map(([vocabulary, found]): TagValue => {
      const name = vocabulary.toUpperCase().replace(/[^A-Z0-9]+/g, "_")
      return [`MEDIASPOOL_${name}`, [...found].map(line).join("; ")]
    })
  ]
}
