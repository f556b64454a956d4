import { Original, RawPath } from "@mediaspool/core"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import * as Aiff from "./Aiff.js"
import * as Avi from "./Avi.js"
import { render, type Sound, sounds } from "./Synthesis.js"
import * as Wav from "./Wav.js"

export { randomFrom, sounds, type Sound } from "./Synthesis.js"

/** How long a sample is, and of what shape. */
export interface Shape {
  /** Default 3. */
  readonly seconds?: number | undefined
  /** Hz; default 44100. */
  readonly sampleRate?: number | undefined
  /** Default 1. Each channel after the first is a little quieter. */
  readonly channels?: number | undefined
  /** Another seed gives another noise. Default 1. */
  readonly seed?: number | undefined
  /** Of a video: the picture changes at once from each to the next. Default 1. */
  readonly scenes?: number | undefined
}

const channelsOf = (sound: Sound, { seconds = 3, sampleRate = 44100, channels = 1, seed = 1 }: Shape) => {
  const first = render(sound, seconds, sampleRate, seed)
  return Array.from({ length: channels }, (_, n) => (n === 0 ? first : first.map((sample) => sample * 0.8 ** n)))
}

/** A WAV file, synthesised here: no engine, no licence, and the same bytes every time. */
export const wav = (sound: Sound, shape: Shape = {}): Buffer => Wav.encode(channelsOf(sound, shape), shape.sampleRate ?? 44100)

/** An AIFF file, which some browsers can't play. */
export const aiff = (sound: Sound, shape: Shape = {}): Buffer => Aiff.encode(channelsOf(sound, shape), shape.sampleRate ?? 44100)

/** An AVI file of raw pictures, 64 × 48 at 10 frames a second. Without a sound it is a silent video. */
export const avi = (sound: Sound | undefined, shape: Shape = {}): Buffer => {
  const { seconds = 3, sampleRate = 44100, scenes = 1 } = shape
  return Avi.encode(
    { width: 64, height: 48, framesPerSecond: 10, frames: Math.max(1, Math.round(seconds * 10)), scenes },
    sound === undefined ? undefined : { channels: channelsOf(sound, shape), rate: sampleRate }
  )
}

/** Every sample by the name of its file: a WAV of each sound, and three videos. */
export const samples: Readonly<Record<string, () => Buffer>> = {
  ...Object.fromEntries(sounds.map((sound) => [`${sound}.wav`, () => wav(sound)])),
  "video.avi": () => avi("drums"),
  "silent-video.avi": () => avi(undefined),
  "scenes.avi": () => avi("chords", { seconds: 6, scenes: 3 })
}

/** The file at `path` as a stage's input. Dies when it can't be read: a test put it there. */
export const original = (path: string): Effect.Effect<Original> =>
  Effect.promise(async () => {
    const bytes = await fs.readFile(RawPath.forNode(path))
    return new Original({ hash: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, path })
  })

/** Writes bytes into a folder, under any name. */
export const write = (folder: string, name: string, bytes: Uint8Array): Effect.Effect<Original> => {
  const path = join(folder, name)
  return Effect.promise(() => fs.writeFile(RawPath.forNode(path), bytes)).pipe(Effect.zipRight(original(path)))
}

/** Writes a WAV named after its sound. */
export const writeWav = (folder: string, sound: Sound, shape: Shape = {}, name = `${sound}.wav`): Effect.Effect<Original> =>
  Effect.suspend(() => write(folder, name, wav(sound, shape)))
