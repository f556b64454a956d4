import { Effect, Layer, Schedule } from "effect"
import { Feed } from "../Feed.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import { Overviews } from "../Overviews.js"
import { Site } from "../Site.js"
import * as RunStates from "./RunStates.js"
import { SpoolProcess } from "./SpoolProcess.js"

/** Numbers on the page change no more often; nobody who listens costs nothing. */
const EVERY = "500 millis"
const QUIET_TICKS = 4

/** Tells the windows what has changed: the runs, the counts beside the views, and that the library is another than before. */
export const layer: Layer.Layer<never, never, Feed | LibraryConnection | Overviews | RunStates.Service | Site | SpoolProcess> =
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const feed = yield* Feed
      const library = yield* LibraryConnection
      const overviews = yield* Overviews
      const states = yield* RunStates.Service
      const told = new Map<string, string>()
      let tick = 0
      let isRunning = false
      const tell = (name: "runs" | "overview" | "library", data: unknown) =>
        Effect.suspend(() => {
          const text = JSON.stringify(data)
          if (told.get(name) === text) return Effect.void
          told.set(name, text)
          return feed.tell({ name, data })
        })
      const look = Effect.gen(function* () {
        if (feed.listeners() === 0) return
        // While everything rests, a look every two seconds is enough for what other programs write.
        const isWhole = tick++ % QUIET_TICKS === 0
        if (!isWhole && !isRunning) return
        const runs = yield* RunStates.read(states)
        yield* tell("runs", runs)
        isRunning = runs.pipelines.some(({ runBy }) => runBy !== null)
        if (!isWhole) return
        yield* tell("overview", yield* overviews.now)
        const version = yield* library.opened.pipe(
          Effect.flatMap(({ opening, query }) => Effect.map(query.version, (version) => `${opening}.${version}`)),
          Effect.orElseSucceed(() => "none")
        )
        yield* tell("library", { version })
      })
      yield* Effect.forkScoped(
        Effect.repeat(
          Effect.catchAllCause(look, (cause) => Effect.logDebug(cause)),
          Schedule.spaced(EVERY)
        )
      )
    })
  )
