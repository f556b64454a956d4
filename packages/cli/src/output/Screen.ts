import { Clock, Effect, Schedule, type Scope } from "effect"
import { stripVTControlCharacters } from "node:util"
import { colourful, drawBelow, notesAreJson } from "./Output.js"
import * as StartLine from "./StartLine.js"

/** Whether stderr is a terminal on which lines can be drawn over. */
export const drawable = (): boolean => process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !notesAreJson()

const plain = (text: string): string => (colourful(process.stderr) ? text : stripVTControlCharacters(text))

/**
 * Draws a few lines at the bottom of the terminal over and over; they vanish when the scope closes. Gives how to say something
 * that stays, above them.
 *
 * @param lines made anew each time, for the present moment (milliseconds since 1970) and width
 */
export const draw = (
  lines: (now: number, columns: number) => ReadonlyArray<string>
): Effect.Effect<(text: string) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Loaded where there is a terminal alone: it takes 20 ms, most of them for its tables of emoji.
    const { createLogUpdate } = yield* Effect.promise(() => import("log-update"))
    const update = yield* Effect.acquireRelease(
      Effect.sync(() => {
        StartLine.clear()
        const update = createLogUpdate(process.stderr)
        drawBelow((text) => update.persist(text))
        return update
      }),
      (update) =>
        Effect.sync(() => {
          drawBelow(undefined)
          update.clear()
          update.done()
        })
    )
    yield* Clock.currentTimeMillis.pipe(
      Effect.flatMap((now) => Effect.sync(() => update(plain(lines(now, process.stderr.columns ?? 80).join("\n"))))),
      Effect.repeat(Schedule.spaced("100 millis")),
      Effect.forkScoped
    )
    return (text) => Effect.sync(() => update.persist(plain(text)))
  })
