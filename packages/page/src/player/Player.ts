import { createSignal } from "solid-js"

/** A file that is played. */
export interface Track {
  readonly id: number
  readonly name: string
  readonly seconds: number | undefined
  readonly type: "audio" | "video"
}

/** What this browser plays beyond what all of them do. */
const plays = ((): string => {
  const probe = document.createElement("audio")
  const can = (type: string) => probe.canPlayType(type) !== ""
  return [
    ...(can('audio/ogg; codecs="opus"') && can('audio/ogg; codecs="vorbis"') ? ["ogg"] : []),
    ...(can('audio/webm; codecs="opus"') ? ["webm"] : [])
  ].join(",")
})()

/** Files that this browser times otherwise than the library does: their copy is played. */
const mistimed = new Set<number>()

const soundUrl = (id: number): string => {
  const asked = mistimed.has(id) ? "?copy=true" : plays === "" ? "" : `?plays=${plays}`
  return `/api/items/${id}/sound${asked}`
}

const [track, setTrack] = createSignal<Track>()
const [isPlaying, setPlaying] = createSignal(false)
const [position, setPosition] = createSignal(0)
const [length, setLength] = createSignal(0)
const [state, setState] = createSignal<"ready" | "preparing" | "broken" | "gone">("ready")
/** Files that were found gone when they were to be played; the library learns it with the next run. */
const [missing, setMissing] = createSignal<ReadonlySet<number>>(new Set())
export const isMissing = (id: number): boolean => missing().has(id)
/** The captions' cue that is being said, by its start in seconds. */
const [cue, setCue] = createSignal<number>()
const [cues, setCues] = createSignal<ReadonlyArray<number>>([])
export { cue, isPlaying, length, position, state, track }

/** A file that is there needs no word about it: a copy that is being made does, after this long. */
const PREPARING_MILLIS = 300
let expected: ReturnType<typeof setTimeout> | undefined
/** Says that the sound is on its way, should it take long. */
const expect = (): void => {
  clearTimeout(expected)
  expected = setTimeout(() => current.readyState < 2 && current.error === null && setState("preparing"), PREPARING_MILLIS)
}

let loop: { readonly start: number; readonly end: number } | undefined
let ended: (() => void) | undefined

const make = (): HTMLVideoElement => {
  const media = document.createElement("video")
  media.preload = "auto"
  media.playsInline = true
  const captions = document.createElement("track")
  captions.kind = "captions"
  captions.default = true
  media.append(captions)
  const isCurrent = () => media === current
  media.addEventListener("timeupdate", () => isCurrent() && tick())
  media.addEventListener("loadedmetadata", () => isCurrent() && checkLength())
  media.addEventListener("durationchange", () => isCurrent() && Number.isFinite(media.duration) && setLength(media.duration))
  media.addEventListener("playing", () => isCurrent() && (setPlaying(true), setState("ready"), frame()))
  media.addEventListener("pause", () => isCurrent() && setPlaying(false))
  media.addEventListener("waiting", () => isCurrent() && media.readyState < 2 && expect())
  media.addEventListener("loadeddata", () => isCurrent() && (setState("ready"), found()))
  media.addEventListener("error", () => isCurrent() && void fail())
  media.addEventListener("ended", () => isCurrent() && (setPlaying(false), ended?.()))
  captions.addEventListener("load", () => isCurrent() && readCues())
  captions.track.mode = "hidden"
  captions.track.addEventListener("cuechange", () => isCurrent() && setCue(captions.track.activeCues?.[0]?.startTime))
  return media
}

/** Two of them: while one plays the next row's sound is there already, so that a step to it is heard at once. */
let current = make()
let ahead = make()

/** The picture of a video that is being played. */
export const element = (): HTMLVideoElement => current

const readCues = (): void => {
  const list = current.textTracks[0]?.cues
  setCues(list === null || list === undefined ? [] : [...list].map(({ startTime }) => startTime))
}

/** Seconds by which a browser's length of a file may differ from the library's: frames are counted in different ways. */
const TOLERANCE = 0.3

/**
 * Plays the copy where the browser's length is another. Captions, waveform and places are on the file's own time, which begins with its
 * first sound; Chromium goes by the times that stand in a Matroska or MP4, and guesses an MP3's length by its bit rate.
 */
const checkLength = (): void => {
  const now = track()
  if (now?.seconds === undefined || current.readyState < 1 || mistimed.has(now.id)) return
  if (Math.abs(current.duration - now.seconds) <= TOLERANCE) return
  mistimed.add(now.id)
  const [at, isHeard] = [position(), !current.paused]
  load(current, now.id)
  current.currentTime = at
  if (isHeard) play()
}

/** A file that was gone is back. */
const found = (): void => {
  const id = track()?.id
  if (id !== undefined && isMissing(id)) setMissing((known) => new Set([...known].filter((one) => one !== id)))
}

/** Says why a file isn't heard: it has gone, or this browser can't play it. */
const fail = async (): Promise<void> => {
  const id = track()?.id
  setPlaying(false)
  setState("broken")
  if (id === undefined) return
  const answer = await fetch(soundUrl(id), { method: "HEAD" }).catch(() => undefined)
  if (answer?.status !== 404) return
  setMissing((known) => new Set(known).add(id))
  if (track()?.id === id) setState("gone")
}

const load = (media: HTMLVideoElement, id: number): void => {
  media.src = soundUrl(id)
  const captions = media.querySelector("track")
  if (captions !== null) captions.src = `/api/items/${id}/captions.vtt`
}

const tick = (): void => {
  if (loop !== undefined && current.currentTime >= loop.end) current.currentTime = loop.start
  setPosition(current.currentTime)
}

let framed = 0
/** The played part moves with the picture's frames: four times a second would be seen to jump. */
const frame = (): void => {
  cancelAnimationFrame(framed)
  if (current.paused) return
  tick()
  framed = requestAnimationFrame(frame)
}

/** Makes a file the one that plays; from the beginning, or from a place in it. */
export const open = (next: Track, at = 0): void => {
  if (track()?.id === next.id) {
    if (at > 0) current.currentTime = at
    return
  }
  loop = undefined
  current.pause()
  if (ahead.src.endsWith(soundUrl(next.id))) [current, ahead] = [ahead, current]
  else load(current, next.id)
  setTrack(next)
  setState("ready")
  if (current.readyState < 2) expect()
  setCue(undefined)
  setCues([])
  readCues()
  current.currentTime = at
  setPosition(at)
  setLength(next.seconds ?? 0)
  checkLength()
}

export const play = (next?: Track, at?: number): void => {
  if (next !== undefined) open(next, at)
  const now = track()
  if (now === undefined) return
  // What failed before is asked for once more: its file may be back.
  if (current.error !== null) load(current, now.id)
  void current.play().catch((cause: unknown) => {
    // A step to another file, or a pause, while the sound was on its way.
    if (!(cause instanceof DOMException && cause.name === "AbortError")) setPlaying(false)
  })
}
export const pause = (): void => current.pause()
export const toggle = (next?: Track): void => {
  const isSame = next === undefined || next.id === track()?.id
  if (isSame && !current.paused) pause()
  else play(next)
}

/** Fetches a file's beginning, since it will be played next. */
export const prepare = (id: number): void => {
  if (track()?.id !== id && !ahead.src.endsWith(soundUrl(id))) load(ahead, id)
}

export const seek = (seconds: number): void => {
  loop = undefined
  current.currentTime = Math.min(Math.max(0, seconds), length() || seconds)
  tick()
}

/** Goes to the sentence before or after. */
export const sentence = (step: -1 | 1): void => {
  const at = position()
  const starts = cues()
  const next = step > 0 ? starts.find((start) => start > at + 0.05) : starts.filter((start) => start < at - 1).pop()
  if (next !== undefined) seek(next)
  else if (step < 0) seek(0)
}

/** Plays a stretch again and again. */
export const repeat = (region: { readonly start: number; readonly end: number } | undefined): void => {
  loop = region !== undefined && region.end - region.start > 0.05 ? region : undefined
  if (loop !== undefined) {
    current.currentTime = loop.start
    tick()
  }
}

export const stop = (): void => {
  current.pause()
  current.removeAttribute("src")
  current.load()
  setTrack(undefined)
}

/** What happens at the end of a file. */
export const onEnded = (action: (() => void) | undefined): void => {
  ended = action
}
