import type { Event } from "@mediaspool/core"
import { Clock, Effect, Schedule, type Scope, Stream } from "effect"
import { Output } from "../Output.js"
import * as ProgressView from "./ProgressView.js"
import * as Screen from "./Screen.js"
import type { Tally } from "./Tally.js"
import { inline } from "./Text.js"

/** A line now and then, for logs. */
const lines = (tally: Tally): Effect.Effect<void, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* Clock.currentTimeMillis.pipe(
      Effect.flatMap((now) => output.note(ProgressView.headline(tally, now))),
      Effect.schedule(Schedule.spaced("10 seconds")),
      Effect.forkScoped
    )
  })

const away = (event: Event): string | undefined =>
  event._tag === "ResourceClosed"
    ? `${event.resource} is away, its work waits: ${inline(event.failure.message)}`
    : event._tag === "ResourceOpened"
      ? `${event.resource} is back`
      : undefined

/** Adds a run's events up and shows them while the scope is open: drawn on a terminal, as plain lines elsewhere. */
export const show = (events: Stream.Stream<Event>, tally: Tally): Effect.Effect<void, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    const live = Screen.drawable()
    yield* live ? Screen.draw((now, columns) => ProgressView.lines(tally, now, columns)) : lines(tally)
    yield* events.pipe(
      Stream.runForEach((event) => {
        tally.apply(event)
        const note = live ? undefined : away(event)
        return note === undefined ? Effect.void : output.note(note)
      }),
      Effect.forkScoped
    )
  })
