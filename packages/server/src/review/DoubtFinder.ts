import { Doubts } from "@mediaspool/plugins"
import { Effect, Layer, Schedule } from "effect"
import { LibraryConnection } from "../library/LibraryConnection.js"

const EVERY = "3 seconds"
/** Between two pages of files: other readers come first. */
const PAUSE = "50 millis"

/** Looks for what is doubtful in the files that were written, while the page is served: all of them first, then what changes. */
export const layer: Layer.Layer<never, never, LibraryConnection> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    let opening = 0
    let position = Doubts.beginning
    const look: Effect.Effect<void> = Effect.gen(function* () {
      const opened = yield* library.opened
      if (opened.opening !== opening) position = Doubts.beginning
      opening = opened.opening
      yield* library.use(Doubts.lookForAnswers)
      const next = yield* library.use(Doubts.look(position))
      if (next === position) return
      position = next
      yield* Effect.delay(look, PAUSE)
    }).pipe(Effect.catchAllCause((cause) => Effect.logDebug(cause)))
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(EVERY)))
  })
)
