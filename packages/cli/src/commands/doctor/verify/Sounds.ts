import { type Artifact, type ArtifactError, type Original, type StateFolder, Temporary } from "@mediaspool/core"
import { type Acoustics, MediaEngine, type MediaError, mixFor } from "@mediaspool/plugins"
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import * as SoundPrint from "./SoundPrint.js"

/** Alike from here on; two different recordings have less. */
const ALIKE = 0.45
/** Seconds of sound that are compared. */
const LISTENED = 300
/** What two engines may differ by. */
const DECIBELS = 1

/** Tracks that a result may have been made of; `undefined` is the one that is meant where nothing is said. */
export type Tracks = ReadonlyArray<number | undefined>

type Fault = Effect.Effect<string | undefined, MediaError | ArtifactError, MediaEngine | StateFolder>

/** What a file sounds like; `mixed`: as a copy was mixed whose plain sum would have lost the sound. */
const print = (input: Original | Artifact, how: { readonly track?: number; readonly mixed?: boolean } = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const engine = yield* MediaEngine
      const track = how.track === undefined ? {} : { track: how.track }
      const mix = how.mixed === true ? mixFor(yield* engine.ask(input, { _tag: "Downmix", ...track })) : undefined
      const path = yield* Temporary.file("f32")
      yield* engine.ask(input, {
        _tag: "Samples",
        path,
        sampleRate: SoundPrint.RATE,
        maxSeconds: LISTENED,
        ...track,
        ...(mix === undefined ? {} : { mix })
      })
      const bytes = yield* Effect.orDie(Effect.tryPromise(() => readFile(path)))
      return SoundPrint.of(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)))
    })
  )

/**
 * What is wrong with the sound of a copy: it is heard beside the original's tracks.
 *
 * @param mixed whether the copy was mixed in another way than by a plain sum
 */
export const soundFault = (original: Original, copy: Artifact, tracks: Tracks, mixed = false): Fault =>
  Effect.gen(function* () {
    const theirs = yield* print(copy)
    let best = 0
    for (const track of tracks) {
      const ours = yield* print(original, { mixed, ...(track === undefined ? {} : { track }) })
      best = Math.max(best, SoundPrint.likeness(ours, theirs))
      if (best >= ALIKE) return undefined
    }
    return `it holds another sound (likeness ${best.toFixed(2)} of 1)`
  })

/** Whether two figures lie further apart than that; what one side lacks is no difference. */
export const far = (is: number | undefined, was: number | undefined, most: number): boolean =>
  is !== undefined && was !== undefined && Math.abs(is - was) > most

/** What is wrong with figures: they are measured again. */
export const figuresFault = (original: Original, acoustics: Acoustics, tracks: Tracks): Fault =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    let fault = ""
    for (const track of tracks) {
      const choice = track === undefined ? {} : { track }
      const [levels, loudness] = yield* Effect.all(
        [engine.ask(original, { _tag: "Levels", ...choice }), engine.ask(original, { _tag: "Loudness", ...choice })],
        { concurrency: "unbounded" }
      )
      const differ = [
        far(levels.rms, acoustics.rmsLevel, DECIBELS)
          ? `RMS ${acoustics.rmsLevel} instead of ${levels.rms?.toFixed(1)} dBFS`
          : "",
        far(levels.peak, acoustics.samplePeak, DECIBELS)
          ? `peak ${acoustics.samplePeak} instead of ${levels.peak?.toFixed(1)} dBFS`
          : "",
        far(loudness.integrated, acoustics.integratedLoudness, DECIBELS)
          ? `loudness ${acoustics.integratedLoudness} instead of ${loudness.integrated?.toFixed(1)} LUFS`
          : ""
      ].filter((one) => one !== "")
      if (differ.length === 0) return undefined
      fault ||= differ.join(", ")
    }
    return fault
  })
