import { Progress } from "@mediaspool/core"
import { Effect } from "effect"

export const work = (frames: ReadonlyArray<Uint8Array>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const progress = yield* Progress
    for (const i of frames.keys()) yield* progress.report((i + 1) / frames.length, `frame ${i + 1} of ${frames.length}`)
  })
