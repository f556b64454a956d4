import type { Original } from "@mediaspool/core"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { type AudioCopy, MediaEngine, type VideoCopy } from "../media/MediaEngine.js"
import type { MediaError } from "../media/MediaError.js"
import * as SampleMedia from "./SampleMedia.js"

/** The usual codec of each container. */
const codecs = { mp3: "mp3", wav: "pcm_s16le", flac: "flac", m4a: "aac", aac: "aac", ogg: "vorbis", opus: "opus" } as const
export type SoundFormat = keyof typeof codecs

/** Makes a file through the engine, from a sample that goes afterwards. */
const through = (
  folder: string,
  name: string,
  sample: Buffer,
  want: (path: string) => AudioCopy | VideoCopy
): Effect.Effect<Original, MediaError, MediaEngine> =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const path = join(folder, name)
    const source = yield* SampleMedia.write(folder, `${name}.sample`, sample)
    yield* engine.ask(source, want(path))
    yield* Effect.promise(() => fs.rm(source.path))
    return yield* SampleMedia.original(path)
  })

/** A sound in a format that needs an encoder. */
export const sound = (
  folder: string,
  sound: SampleMedia.Sound,
  format: SoundFormat,
  shape: SampleMedia.Shape = {},
  name = `${sound}.${format}`
): Effect.Effect<Original, MediaError, MediaEngine> =>
  through(folder, name, SampleMedia.wav(sound, shape), (path) => ({
    _tag: "AudioCopy",
    path,
    container: format,
    codec: codecs[format]
  }))

/** A video, silent without a sound: H.264 and AAC, or VP9 and Opus. */
export const video = (
  folder: string,
  sound: SampleMedia.Sound | undefined,
  format: "mp4" | "mkv" | "webm",
  shape: SampleMedia.Shape = {},
  name = `${sound ?? "silent"}.${format}`
): Effect.Effect<Original, MediaError, MediaEngine> =>
  through(folder, name, SampleMedia.avi(sound, shape), (path) => ({
    _tag: "VideoCopy",
    path,
    container: format,
    videoCodec: format === "webm" ? "vp9" : "h264",
    audioCodec: sound === undefined ? "none" : format === "webm" ? "opus" : "aac"
  }))
