import type { ExportedMedia } from "../export/ExportRow.js"

/** A field of ours in a file, and what stands in it. */
export type TagValue = readonly [name: string, value: string]

const line = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim()

/** Fields that everybody writes: they are touched only where somebody asks for it. */
export interface StandardFields {
  /** Whether the caption goes into the comment too. */
  readonly comment?: boolean | undefined
  /** The vocabulary whose labels go into the genre too. */
  readonly genre?: string | undefined
}

/** Names that stand for the standard fields, whatever a format calls them. */
export const COMMENT = "COMMENT"
export const GENRE = "GENRE"

/** What the names of our own fields begin with. */
export const OURS = "MEDIASPOOL_"

/** Whether a field is one of ours, or a standard one among those that are asked for. */
export const isTaken = (name: string, names: ReadonlyArray<string>): boolean =>
  name.startsWith(OURS) || ((name === COMMENT || name === GENRE) && names.includes(name))

/** What the library says of a medium, as fields: the caption of the whole file, and the labels of each vocabulary. */
export const tagValues = (
  { captions, tags }: ExportedMedia,
  { comment = false, genre }: StandardFields = {}
): ReadonlyArray<TagValue> => {
  const whole = captions.filter(({ start_seconds, text }) => start_seconds === null && line(text) !== "")
  const caption = whole.find(({ kind }) => kind !== "Caption") ?? whole[0]
  const labels = new Map<string, Set<string>>()
  for (const { label, vocabulary } of tags) labels.set(vocabulary, (labels.get(vocabulary) ?? new Set()).add(label))
  const said = (found: ReadonlySet<string>) => [...found].map(line).join("; ")
  const genres = genre === undefined ? undefined : labels.get(genre)
  return [
    ...(caption === undefined ? [] : [[`${OURS}CAPTION`, line(caption.text)] as const]),
    ...[...labels].map(([vocabulary, found]): TagValue => [
      `${OURS}${vocabulary.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`,
      said(found)
    ]),
    ...(caption === undefined || !comment ? [] : [[COMMENT, line(caption.text)] as const]),
    ...(genres === undefined ? [] : [[GENRE, said(genres)] as const])
  ]
}
