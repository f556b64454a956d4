import { Failure } from "@mediaspool/core"
import { Effect } from "effect"

export class LyricsError extends Failure.Class<LyricsError>()("LyricsError", {
  LyricsMissing: { retry: "skip", help: "The service has no lyrics of this song; the stage does not apply to it." },
  LyricsTooLong: { retry: "never", help: "Raise `maxLines` in the stage's config, then `spool requeue`." }
}) {}

export const check = (lines: number, maxLines: number): Effect.Effect<void, LyricsError> =>
  lines <= maxLines ? Effect.void : new LyricsError({ code: "LyricsTooLong", detail: `${lines} lines` })
