import { Cost } from "@mediaspool/core"
import { paint } from "../Output.js"
import { count, counted, duration, mediaTime } from "./Quantity.js"
import type { Tally } from "./Tally.js"
import { inline, place, shortened } from "./Text.js"

/** Steps of long files that are shown at the same time. */
const longShown = 4

const files = (tally: Tally): string => {
  const expected = tally.expected?.files
  return expected === undefined || expected < tally.filesDone
    ? counted(tally.filesDone, "file")
    : `${count(tally.filesDone)} of ${counted(expected, "file")}`
}

const media = (tally: Tally, now: number): ReadonlyArray<string> => {
  const [done, expected] = [tally.secondsDone, tally.secondsExpected]
  const elapsed = Math.max(0.001, (now - tally.startedAt) / 1000)
  if (done <= 0) return []
  const hours = expected === undefined || expected < done ? mediaTime(done) : `${mediaTime(done)} of about ${mediaTime(expected)}`
  return [`${hours} of media`, `${count(done / elapsed)}× real time`]
}

const left = (tally: Tally, now: number): ReadonlyArray<string> => {
  const seconds = tally.secondsLeft(now)
  return tally.draining
    ? ["finishing the steps that have begun; Ctrl-C again stops at once"]
    : seconds === undefined
      ? []
      : [`about ${duration(seconds)} left`]
}

const trouble = ({ items, money }: Tally): ReadonlyArray<string> => [
  ...(items.failed > 0 ? [paint.red(`${count(items.failed)} failed`)] : []),
  ...(items.waiting > 0 ? [paint.yellow(`${count(items.waiting)} waiting`)] : []),
  ...money.map((each) => Cost.format(each))
]

/** How the run is: files and media hours done, rate, time left, trouble, money. One line. */
export const headline = (tally: Tally, now: number): string =>
  [`${paint.bold(tally.pipeline)} ${files(tally)}`, ...media(tally, now), ...left(tally, now), ...trouble(tally)].join(" · ")

/** What every node has settled, in the plan's order. */
const nodes = (tally: Tally): string =>
  [...tally.stages]
    .map(([node, { ran, cached, skipped, failed, waiting }]) => {
      const settled = ran + cached + skipped
      return `${node} ${count(settled)}${failed > 0 ? paint.red(` ✗${count(failed)}`) : ""}${waiting > 0 ? paint.yellow(` …${count(waiting)}`) : ""}`
    })
    .join(paint.dim(" → "))

/** What a terminal shows while a run goes on: a few lines, drawn over and over. */
export const lines = (tally: Tally, now: number, columns: number): ReadonlyArray<string> => [
  headline(tally, now),
  ...(tally.stages.size > 0 ? [`  ${nodes(tally)}`] : []),
  ...tally.long
    .slice(0, longShown)
    .map(({ path, node, part }) =>
      paint.dim(
        `  ${String(Math.floor(part * 100)).padStart(3)} % ${node}  ${shortened(place(path), Math.max(20, columns - 30))}`
      )
    ),
  ...[...tally.closed].map(([resource, message]) => paint.yellow(`  ${resource} is away, its work waits: ${inline(message)}`))
]
