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

/** A pause of so many seconds is left out of its neighbours, with a little of it kept on either side. */
const pause = (windowSeconds: number): number => Math.max(5, Math.min(30, windowSeconds / 2))
const kept = 0.25

/** Rounded down, so that no window grows past its size. */
const floor = (seconds: number): number => Math.floor(seconds * 1000) / 1000

/** The bounds of windows from `from` to `to`, without `from` itself. */
const cuts = (
  from: number,
  to: number,
  size: number,
  pauses: ReadonlyArray<Span>,
  silences: ReadonlyArray<Span>
): ReadonlyArray<number> => {
  const found: Array<number> = []
  let at = from
  while (to - at > size) {
    const even = (to - at) / Math.ceil((to - at) / size)
    const quiet = quietPlace(pauses, at + size * earliest, at + size) ?? quietPlace(silences, at + size * earliest, at + size)
    // At least a step, so that the plan ends.
    at = Math.max(at + 0.001, floor(quiet ?? at + even))
    found.push(at)
  }
  return to > at ? [...found, to] : found
}

/**
 * Windows that cover the file from end to end without overlap. Those that are heard are no longer than `windowSeconds`, and are cut
 * where it is quiet when there is such a place; without one, what is left over is shared out, so that no window is a splinter. A long
 * pause is a window of its own. Times are in milliseconds' steps.
 */
export const plan = (sound: {
  readonly durationSeconds: number
  readonly windowSeconds: number
  readonly silences: ReadonlyArray<Span>
  /** Where nobody speaks, if that is known: cuts are made there rather than where it is quiet. */
  readonly pauses?: ReadonlyArray<Span> | undefined
}): ReadonlyArray<Window> => {
  const duration = round(sound.durationSeconds)
  const size = sound.windowSeconds
  const silences = tidy(sound.silences, duration)
  const pauses = sound.pauses === undefined ? [] : tidy(sound.pauses, duration)
  const window = (from: number, to: number): Window => ({
    startSeconds: from,
    endSeconds: to,
    silent: isSilent(silences, from, to)
  })
  if (duration <= size) return duration > 0 ? [window(0, duration)] : []
  const windows: Array<Window> = []
  let from = 0
  const heard = (to: number) => {
    for (const cut of cuts(from, to, size, pauses, silences)) {
      windows.push(window(from, cut))
      from = cut
    }
  }
  for (const { endSeconds, startSeconds } of silences) {
    if (endSeconds - startSeconds < pause(size)) continue
    heard(startSeconds === 0 ? 0 : floor(startSeconds + kept))
    const end = endSeconds === duration ? duration : floor(endSeconds - kept)
    windows.push(window(from, end))
    from = end
  }
  heard(duration)
  return windows
}
