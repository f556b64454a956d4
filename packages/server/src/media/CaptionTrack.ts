import { Column, type Row } from "@mediaspool/core"
import { Subtitles } from "@mediaspool/plugins"

/** What is said when: of the captioner that says it last in its pipeline. */
export const SEGMENTS = `SELECT text, start_seconds, end_seconds FROM caption WHERE media_id = ? AND start_seconds IS NOT NULL
ORDER BY start_seconds, kind = 'Correction' DESC, kind = 'CleanCaption' DESC, id`

/** Rows of captions as WebVTT; of several for the same times the first. */
export const vtt = (rows: ReadonlyArray<Row>): string => {
  const seen = new Set<string>()
  const cues = rows.flatMap((row) => {
    const start = Column.number(row, "start_seconds") ?? 0
    const cue = Subtitles.cue(Column.text(row, "text") ?? "", start, Column.number(row, "end_seconds") ?? start)
    const place = `${cue?.start} ${cue?.end}`
    if (cue === undefined || seen.has(place)) return []
    seen.add(place)
    return [cue]
  })
  return Subtitles.webVtt(cues)
}
