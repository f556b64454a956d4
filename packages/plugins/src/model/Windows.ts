import { Schema } from "effect"

/** A stretch that is sent on its own, or left out because nothing is heard in it. */
export const Window = Schema.Struct({
  startSeconds: Schema.NonNegative,
  endSeconds: Schema.NonNegative,
  silent: Schema.Boolean
})
export type Window = typeof Window.Type

export interface Span {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** Less sound than this in a window is none. */
const audible = 0.1
/** Cuts are looked for in the last part of a window. */
const earliest = 0.6

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000

const overlap = (a: Span, from: number, to: number): number =>
  Math.max(0, Math.min(a.endSeconds, to) - Math.max(a.startSeconds, from))

const isSilent = (silences: ReadonlyArray<Span>, from: number, to: number): boolean =>
  silences.reduce((sum, silence) => sum + overlap(silence, from, to), 0) > to - from - audible

/** Silences in order, without overlaps, within the file. */
const tidy = (silences: ReadonlyArray<Span>, duration: number): ReadonlyArray<Span> => {
  const found: Array<{ startSeconds: number; endSeconds: number }> = []
  const sorted = silences
    .map(({ endSeconds, startSeconds }) => ({
      startSeconds: Math.max(0, startSeconds),
      endSeconds: Math.min(duration, endSeconds)
    }))
    .filter(({ endSeconds, startSeconds }) => endSeconds > startSeconds)
    .sort((a, b) => a.startSeconds - b.startSeconds)
  for (const silence of sorted) {
    const last = found.at(-1)
    if (last !== undefined && silence.startSeconds <= last.endSeconds)
      last.endSeconds = Math.max(last.endSeconds, silence.endSeconds)
    else found.push({ ...silence })
  }
  return found
}

/** Where to cut between the two: in the middle of the longest silence, the later of two alike; undefined without one. */
const quietPlace = (silences: ReadonlyArray<Span>, from: number, to: number): number | undefined => {
  let best: { readonly at: number; readonly seconds: number } | undefined
  for (const silence of silences) {
    const start = Math.max(silence.startSeconds, from)
    const end = Math.min(silence.endSeconds, to)
    if (end - start > 0 && (best === undefined || end - start >= best.seconds - 1e-9))
      best = { at: (start + end) / 2, seconds: end - start }
  }
  return best?.at
}

/**
 * Windows that cover the file from end to end without overlap, none longer than `windowSeconds`, cut where it is quiet when there is
 * such a place. Without one, what is left over is shared out, so that no window is a splinter. Times are in milliseconds' steps.
 */
export const plan = (sound: {
  readonly durationSeconds: number
  readonly windowSeconds: number
  readonly silences: ReadonlyArray<Span>
}): ReadonlyArray<Window> => {
  const duration = round(sound.durationSeconds)
  const size = sound.windowSeconds
  const silences = tidy(sound.silences, duration)
  const windows: Array<Window> = []
  let from = 0
  const close = (to: number) => {
    windows.push({ startSeconds: from, endSeconds: to, silent: isSilent(silences, from, to) })
    from = to
  }
  while (duration - from > size) {
    const even = (duration - from) / Math.ceil((duration - from) / size)
    const quiet = quietPlace(silences, from + size * earliest, from + size)
    // Rounded down, so that no window grows past its size; at least a step, so that the plan ends.
    close(Math.max(from + 0.001, Math.floor((quiet ?? from + even) * 1000) / 1000))
  }
  if (duration > from) close(duration)
  return windows
}
