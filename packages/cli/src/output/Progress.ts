import { Cost, type Event } from "@mediaspool/core"
import { Clock, Effect, Schedule, type Scope, Stream } from "effect"
import { Output, paint } from "./Output.js"
import { count, counted, duration, mediaTime } from "./Quantity.js"
import type { RunProgress } from "./RunProgress.js"
import * as Screen from "./Screen.js"
import { inline, place, shortened } from "./Text.js"

/** Steps of long files that are shown at the same time. */
const longShown = 4

const files = (tally: RunProgress): string => {
  const expected = tally.expected?.files
  return expected === undefined || expected < tally.filesDone
    ? counted(tally.filesDone, "file")
    : `${count(tally.filesDone)} of ${counted(expected, "file")}`
}

const media = (tally: RunProgress, now: number): ReadonlyArray<string> => {
  const [done, expected] = [tally.secondsDone, tally.secondsExpected]
  const elapsed = Math.max(0.001, (now - tally.startedAt) / 1000)
  if (done <= 0) return []
  const hours = expected === undefined || expected < done ? mediaTime(done) : `${mediaTime(done)} of about ${mediaTime(expected)}`
  return [`${hours} of media`, `${count(done / elapsed)}× real time`]
}

const left = (tally: RunProgress, now: number): ReadonlyArray<string> => {
  const seconds = tally.secondsLeft(now)
  return tally.draining
    ? ["finishing current steps; press Ctrl-C again to stop at once"]
    : seconds === undefined
      ? []
      : [`about ${duration(seconds)} left`]
}

const trouble = ({ items, money }: RunProgress): ReadonlyArray<string> => [
  ...(items.failed > 0 ? [paint.red(`${count(items.failed)} failed`)] : []),
  ...(items.waiting > 0 ? [paint.yellow(`${count(items.waiting)} waiting`)] : []),
  ...money.map((each) => Cost.format(each))
]

/** How the run is: files and media hours done, rate, time left, trouble, money. One line. */
const headline = (tally: RunProgress, now: number): string =>
  [`${paint.bold(tally.pipeline)} ${files(tally)}`, ...media(tally, now), ...left(tally, now), ...trouble(tally)].join(" · ")

/** What every node has settled, in the plan's order. */
const nodes = (tally: RunProgress): string =>
  [...tally.stages]
    .map(([node, { ran, cached, skipped, failed, waiting }]) => {
      const settled = ran + cached + skipped
      return `${node} ${count(settled)}${failed > 0 ? paint.red(` ✗${count(failed)}`) : ""}${waiting > 0 ? paint.yellow(` …${count(waiting)}`) : ""}`
    })
    .join(paint.dim(" → "))

/** What a terminal shows while a run goes on: a few lines, drawn over and over. */
export const lines = (tally: RunProgress, now: number, columns: number): ReadonlyArray<string> => [
  headline(tally, now),
  ...(tally.stages.size > 0 ? [`  ${nodes(tally)}`] : []),
  ...tally.long
    .slice(0, longShown)
    .map(({ path, node, part }) =>
      paint.dim(
        `  ${String(Math.floor(part * 100)).padStart(3)} % ${node}  ${shortened(place(path), Math.max(20, columns - 30))}`
      )
    ),
  ...[...tally.closed].map(([resource, message]) =>
    paint.yellow(`  ${resource} is unavailable, its work waits: ${inline(message)}`)
  )
]

/** A line every ten seconds, for logs. */
const log = (tally: RunProgress): Effect.Effect<void, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* Clock.currentTimeMillis.pipe(
      Effect.flatMap((now) => output.note(headline(tally, now))),
      Effect.schedule(Schedule.spaced("10 seconds")),
      Effect.forkScoped
    )
  })

const away = (event: Event): string | undefined =>
  event._tag === "ResourceClosed"
    ? `${event.resource} is unavailable, its work waits: ${inline(event.failure.message)}`
    : event._tag === "ResourceOpened"
      ? `${event.resource} is available again`
      : undefined

/** Adds a run's events up and shows them while the scope is open: drawn on a terminal, as plain lines elsewhere. */
export const show = (events: Stream.Stream<Event>, tally: RunProgress): Effect.Effect<void, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    const live = Screen.drawable()
    yield* live ? Screen.draw((now, columns) => lines(tally, now, columns)) : log(tally)
    yield* events.pipe(
      Stream.runForEach((event) => {
        tally.apply(event)
        const note = live ? undefined : away(event)
        return note === undefined ? Effect.void : output.note(note)
      }),
      Effect.forkScoped
    )
  })
