import { Column, type Row } from "@mediaspool/core"

/** What is said when: of the captioner that says it last in its pipeline. */
export const SEGMENTS = `SELECT text, start_seconds, end_seconds FROM caption WHERE media_id = ? AND start_seconds IS NOT NULL
ORDER BY start_seconds, kind = 'Correction' DESC, kind = 'CleanCaption' DESC, id`

const two = (value: number): string => String(value).padStart(2, "0")
const stamp = (seconds: number): string => {
  const millis = Math.max(0, Math.round(seconds * 1000))
  const whole = Math.floor(millis / 1000)
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${String(millis % 1000).padStart(3, "0")}`
}

/** Text that no parser of WebVTT takes for a mark, an arrow or the end of the cue. */
const escaped = (words: string): string =>
  words
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/\s*[\r\n]+\s*/g, " ")
    .trim()

/** Rows of captions as WebVTT. Cues of no length are left out: a browser refuses them. */
export const vtt = (rows: ReadonlyArray<Row>): string => {
  const seen = new Set<string>()
  const cues = rows.flatMap((row) => {
    const start = Column.number(row, "start_seconds") ?? 0
    const end = Column.number(row, "end_seconds") ?? start
    const words = escaped(Column.text(row, "text") ?? "")
    const place = `${stamp(start)} --> ${stamp(end)}`
    if (end <= start || words === "" || seen.has(place)) return []
    seen.add(place)
    return [`${place}\n${words}\n`]
  })
  return `WEBVTT\n\n${cues.join("\n")}`
}
