import { Cost, type Event } from "@mediaspool/core"
import { Clock, Effect, Exit, Schedule, Scope, Stream } from "effect"
import { Output, paint } from "./Output.js"
import { bytes, count, counted, duration, mediaTime } from "./Quantity.js"
import type { RunProgress } from "./RunProgress.js"
import * as Screen from "./Screen.js"
import { inline, place, shortened } from "./Text.js"

/** Steps of long files that are shown at the same time. */
const longShown = 4

const files = (progress: RunProgress): string => {
  const expected = progress.expected?.files
  return expected === undefined || expected < progress.filesDone
    ? counted(progress.filesDone, "file")
    : `${count(progress.filesDone)} of ${counted(expected, "file")}`
}

const media = (progress: RunProgress, now: number): ReadonlyArray<string> => {
  const [done, expected] = [progress.secondsDone, progress.secondsExpected]
  const elapsed = Math.max(0.001, (now - progress.startedAt) / 1000)
  if (done <= 0) return []
  const hours = expected === undefined || expected < done ? mediaTime(done) : `${mediaTime(done)} of about ${mediaTime(expected)}`
  const rate = done / elapsed
  return [`${hours} of media`, `${rate < 10 ? Number(rate.toPrecision(2)) : count(rate)}× real time`]
}

const left = (progress: RunProgress, now: number): ReadonlyArray<string> => {
  const seconds = progress.secondsLeft(now)
  return progress.draining
    ? ["finishing current steps; press Ctrl-C again to stop at once"]
    : seconds === undefined || seconds < 1
      ? []
      : [`about ${duration(seconds)} left`]
}

const trouble = ({ items, money }: RunProgress): ReadonlyArray<string> => [
  ...(items.failed > 0 ? [paint.red(`${count(items.failed)} failed`)] : []),
  ...(items.waiting > 0 ? [paint.yellow(`${count(items.waiting)} waiting`)] : []),
  ...money.map((each) => Cost.format(each))
]

/** What goes on while no file is done yet. */
const beginning = (progress: RunProgress): string | undefined => {
  if (progress.filesDone > 0 || progress.inFlight.size > 0) return undefined
  if (progress.found.files > 0)
    return `reading and hashing ${counted(progress.found.files, "file")} (${bytes(progress.found.bytes)}${progress.expected === undefined ? " so far" : ` of ${bytes(progress.expected.bytes)}`})`
  return progress.step
}

/** How the run is: files and media hours done, rate, time left, trouble, money. One line. */
const headline = (progress: RunProgress, now: number): string =>
  [
    `${paint.bold(progress.pipeline)} ${beginning(progress) ?? files(progress)}`,
    ...media(progress, now),
    ...left(progress, now),
    ...trouble(progress)
  ].join(" · ")

/** What every node has settled, in the plan's order. */
const nodes = (progress: RunProgress): string =>
  [...progress.stages]
    .map(([node, { ran, cached, skipped, failed, waiting }]) => {
      const settled = ran + cached + skipped
      return `${node} ${count(settled)}${failed > 0 ? paint.red(` ✗${count(failed)}`) : ""}${waiting > 0 ? paint.yellow(` …${count(waiting)}`) : ""}`
    })
    .join(paint.dim(" → "))

/** A step of a long file: how far it is, and at 100 % what it still waits for. */
export const longStep = ({ node, part, path, words }: RunProgress["long"][number], columns: number): string => {
  const waits = part === 1 ? " (checking and saving)" : words === undefined ? "" : ` (${shortened(inline(words), 40)})`
  const name = shortened(place(path), Math.max(20, columns - 30 - waits.length))
  return paint.dim(`  ${String(Math.floor(part * 100)).padStart(3)} % ${node}${waits}  ${name}`)
}

/** What a terminal shows while a run goes on: a few lines, drawn over and over. */
export const lines = (progress: RunProgress, now: number, columns: number): ReadonlyArray<string> => [
  headline(progress, now),
  ...(progress.stages.size > 0 ? [`  ${nodes(progress)}`] : []),
  ...progress.long.slice(0, longShown).map((step) => longStep(step, columns)),
  ...progress.outages.texts.map((text) => paint.yellow(`  ${text}`))
]

/** A line every ten seconds, for logs. */
const log = (progress: RunProgress): Effect.Effect<void, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    yield* Clock.currentTimeMillis.pipe(
      Effect.flatMap((now) => output.note(headline(progress, now))),
      Effect.schedule(Schedule.spaced("10 seconds")),
      Effect.forkScoped
    )
  })

/** What is shown while a run goes on. */
export interface Display {
  /** Adds the run's events up while the scope is open. */
  readonly follow: (events: Stream.Stream<Event>) => Effect.Effect<void, never, Scope.Scope>
  /** Nothing more is shown. */
  readonly close: Effect.Effect<void>
}

/** Shows a run from now on, until it is closed or the scope is: drawn on a terminal, as plain lines elsewhere. */
export const open = (progress: RunProgress): Effect.Effect<Display, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    const live = Screen.drawable()
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
    const shown: Effect.Effect<unknown, never, Output | Scope.Scope> = live
      ? Screen.draw((now, columns) => lines(progress, now, columns))
      : log(progress)
    yield* Scope.extend(shown, scope)
    return {
      follow: (events) =>
        events.pipe(
          // Event by event, an effect each would cost more than what it tells.
          Stream.runForEachChunk((chunk) => {
            const notes: Array<string> = []
            for (const event of chunk) {
              const note = live ? undefined : progress.outages.news(event)
              if (note !== undefined) notes.push(note)
              progress.apply(event)
            }
            return notes.length === 0 ? Effect.void : Effect.forEach(notes, output.note, { discard: true })
          }),
          Effect.forkScoped,
          Effect.asVoid
        ),
      close: Scope.close(scope, Exit.void)
    }
  })
