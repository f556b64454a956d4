import { type Artifact, ArtifactError, digestFile, type Original, StateFolder, Temporary } from "@mediaspool/core"
import { MediaEngine, type MediaError, type Scenes, type VideoFile, type Waveform, waveformRows } from "@mediaspool/plugins"
import { Effect, Either } from "effect"
import { readFile } from "node:fs/promises"
import * as PicturePrint from "./PicturePrint.js"
import type { Tracks } from "./Sounds.js"

/** The same from here down, of 1: encoders differ by less, and two engines by a picture of something that moves. */
const SAME = 0.08
/** Share of a waveform's drawn pixels that decoders may differ by. */
const DRAWN = 0.1
/** Seconds of a video, and pictures a second, that are compared. */
const WATCHED = 300
const RATE = 2
/** Stills of a file that are decoded; of the others the bytes are compared. */
const DECODED = 12

type Looking = MediaEngine | StateFolder
type Fault = Effect.Effect<string | undefined, MediaError | ArtifactError, Looking>

const bytesOf = (path: string) => Effect.orDie(Effect.tryPromise(() => readFile(path)))

/** The small pictures that scenes are found by. */
const film = (input: Original | Artifact) =>
  Effect.scoped(
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const path = yield* Temporary.file("rgb")
      const cut = { startSeconds: 0, durationSeconds: WATCHED }
      const { pictures } = yield* engine.ask(input, {
        _tag: "Scenes",
        path,
        rate: RATE,
        threshold: 1,
        minimumSeconds: WATCHED,
        cut
      })
      const bytes = yield* bytesOf(path)
      return { bytes, stride: bytes.length / Math.max(1, pictures) } satisfies PicturePrint.PicturePrint
    })
  )

/** What is wrong with the pictures of a video's copy. */
export const videoFault = (original: Original, copy: VideoFile): Fault =>
  Effect.gen(function* () {
    const [theirs, ours] = yield* Effect.all([film(original), film(copy.file)])
    const distance = PicturePrint.distance(theirs, ours)
    return distance <= SAME ? undefined : `it shows other pictures (they differ by ${distance.toFixed(2)} of 1)`
  })

const isWhole = (file: Artifact) => Effect.map(digestFile(file.path), ({ hash }) => hash === file.hash)

const print = (bytes: Uint8Array) => Either.try(() => PicturePrint.ofJpeg(bytes))

/** What is wrong with the pictures of scenes: each is taken again, and compared by what it shows where its bytes are others. */
export const scenesFault = (original: Original, { scenes, width }: Scenes): Fault =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const pictured = scenes.flatMap(({ endSeconds, frame, startSeconds }) =>
      frame === undefined ? [] : [{ frame, atSeconds: (startSeconds + endSeconds) / 2 }]
    )
    for (const { frame } of pictured) if (!(yield* isWhole(frame))) return "a picture of it is damaged"
    const step = Math.max(1, Math.ceil(pictured.length / DECODED))
    for (const { atSeconds, frame } of pictured.filter((_, n) => n % step === 0)) {
      const [was, is] = yield* Effect.scoped(
        Effect.gen(function* () {
          const path = yield* Temporary.file("jpg")
          yield* engine.ask(original, { _tag: "Frame", path, format: "jpeg", atSeconds, width })
          return yield* Effect.all([bytesOf(frame.path), bytesOf(path)])
        })
      )
      if (was.equals(is)) continue
      const both = Either.all([print(was), print(is)])
      if (Either.isLeft(both)) return "a picture of it can't be decoded"
      const distance = PicturePrint.distance(...both.right)
      if (distance > SAME) return `the picture at ${atSeconds} s shows something else (it differs by ${distance.toFixed(2)} of 1)`
    }
    return undefined
  })

/** Pixels that are drawn in one of two waveforms, and those of them that differ. */
const compared = (a: Buffer, b: Buffer) => {
  let [drawn, other] = [0, 0]
  for (let n = 0; n < Math.max(a.length, b.length); n++)
    for (let shift = 0; shift < 8; shift += 2) {
      const [one, two] = [((a[n] ?? 0) >> shift) & 3, ((b[n] ?? 0) >> shift) & 3]
      if (one > 0 || two > 0) drawn++
      if (one !== two) other++
    }
  return { drawn, other }
}

/**
 * What is wrong with a waveform: it is drawn again.
 *
 * @param tracks that it may have been drawn of
 */
export const waveformFault = (original: Original, { height, image, width }: Waveform, tracks: Tracks): Fault =>
  Effect.gen(function* () {
    if (!(yield* isWhole(image))) return "its file is damaged"
    const engine = yield* MediaEngine
    const was = waveformRows(yield* bytesOf(image.path))
    if (was === undefined) return "its picture can't be decoded"
    let least = 1
    for (const track of tracks) {
      const is = yield* Effect.scoped(
        Effect.gen(function* () {
          const path = yield* Temporary.file("png")
          const choice = track === undefined ? {} : { track }
          yield* engine.ask(original, { _tag: "WaveformImage", path, width, height, colour: "#000000", ...choice })
          return waveformRows(yield* bytesOf(path))
        })
      )
      const { drawn, other } = compared(was, is ?? Buffer.alloc(0))
      least = Math.min(least, other / Math.max(1, drawn))
      if (least <= DRAWN) return undefined
    }
    return `it shows another sound (${Math.round(100 * least)} % of what is drawn differs)`
  })
