import { Field } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { ModelError } from "../../models/ModelError.js"
import type { Routes } from "../listen/ListenConfig.js"

/** How a stage that looks at a video sends its pictures. */
export const looking = {
  pictures: Field.withDefault(
    Schema.Literal("auto", "frames", "file"),
    "auto",
    "How a video is sent: `frames` as pictures, with its sound where the model takes both; `file` as a small video; `auto` as pictures, or as a file where the model hears the sound only in one"
  ),
  frames: Field.withDefault(
    Schema.Int.pipe(Schema.between(2, 2048)),
    24,
    "Most pictures in one request; a short video is sent with two a second"
  ),
  frameSize: Field.withDefault(Schema.Int.pipe(Schema.between(64, 1920)), 448, "Longer side of a picture in pixels")
}
export type Looking = Schema.Struct.Type<typeof looking>

/** Fails for routes whose model can't see, before anything is looked at. */
export const sighted = (routes: Routes): Effect.Effect<void, ModelError> =>
  Effect.forEach(
    routes,
    ({ model, provider }) =>
      model.video === undefined
        ? new ModelError({ code: "ModelBlind", detail: `'${model.name}' at '${provider.name}' takes no pictures` })
        : Effect.void,
    { discard: true }
  )

/** Pictures of a request, by what the stage and every model allow. */
export const mostFrames = ({ frames }: Looking, routes: Routes): number =>
  Math.min(frames, ...routes.map(({ model }) => model.video?.maxFrames ?? frames))

/** Pictures a second at most: what happens faster isn't followed. */
const FASTEST = 2

/** Pictures a second of windows this long. */
export const rateOf = (frames: number, windowSeconds: number): number =>
  Math.round(1000 * Math.min(FASTEST, frames / windowSeconds)) / 1000
