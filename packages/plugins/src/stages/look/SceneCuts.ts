import { type Artifact, Field, type Original } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { MediaEngine } from "../../media/MediaEngine.js"
import type { MediaError } from "../../media/MediaError.js"
import type { ScenesResult } from "../../media/requests/scenes.js"

/** What counts as a scene where nobody says otherwise. */
export const usual = { threshold: 0.15, sceneSeconds: 1 } as const

/** What counts as a scene. */
export const fields = {
  threshold: Field.withDefault(
    Schema.Number.pipe(Schema.between(0.01, 1)),
    usual.threshold,
    "How much of the picture has to change at once for a cut, 0 to 1"
  ),
  sceneSeconds: Field.withDefault(Schema.Positive, usual.sceneSeconds, "Shorter scenes are part of the one before")
}

/** Pictures a second that are compared, and how many of a file at most: a long one is looked at less often. */
const RATE = 8
const MOST = 120_000

/**
 * The scenes of a video, without gaps.
 *
 * @param path where small pictures are kept meanwhile
 */
export const scenes = (
  file: Original | Artifact,
  path: string,
  { sceneSeconds, threshold }: Schema.Struct.Type<typeof fields>
): Effect.Effect<ScenesResult["scenes"], MediaError, MediaEngine> =>
  Effect.gen(function* () {
    const engine = yield* MediaEngine
    const { durationSeconds } = yield* engine.probe(file)
    const rate = Math.min(RATE, Math.max(0.1, Math.floor((10 * MOST) / durationSeconds) / 10))
    const { scenes } = yield* engine.ask(file, { _tag: "Scenes", path, rate, threshold, minimumSeconds: sceneSeconds })
    return scenes
  })
