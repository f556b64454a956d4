import type { Event } from "@mediaspool/core"
import { Clock, Effect, Schedule, type Scope, Stream } from "effect"
import { createLogUpdate } from "log-update"
import { stripVTControlCharacters } from "node:util"
import { colourful, Output } from "../Output.js"
import * as ProgressView from "./ProgressView.js"
import type { Tally } from "./Tally.js"
import { inline } from "./Text.js"

/** Whether stderr is a terminal on which lines can be drawn over. */
const drawable = (): boolean => process.stderr.isTTY === true && process.env["TERM"] !== "dumb"

/** Draws a few lines over and over; they vanish when the scope closes, and the summary takes their place. */
const draw = (tally: Tally): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const update = yield* Effect.acquireRelease(
      Effect.sync(() => createLogUpdate(process.stderr)),
      (update) => Effect.sync(() => update.clear()).pipe(Effect.zipRight(Effect.sync(() => update.done())))
    )
    yield* Clock.currentTimeMillis.pipe(
      Effect.map((now) => ProgressView.lines(tally, now, process.stderr.columns ?? 80).join("\n")),
      Effect.tap((text) => Effect.sync(() => update(colourful(process.stderr) ? text : stripVTControlCharacters(text)))),
      Effect.repeat(Schedule.spaced("100 millis")),
      Effect.forkScoped
    )
  })

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
    const live = drawable()
    yield* (live ? draw : lines)(tally)
    yield* events.pipe(
      Stream.runForEach((event) => {
        tally.apply(event)
        const note = live ? undefined : away(event)
        return note === undefined ? Effect.void : output.note(note)
      }),
      Effect.forkScoped
    )
  })
