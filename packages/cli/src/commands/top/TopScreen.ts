import * as Terminal from "@effect/platform/Terminal"
import { Clock, Effect, Mailbox, Option, Schedule, type Scope, Stream } from "effect"
import { stripVTControlCharacters } from "node:util"
import { colourful } from "../../output/Output.js"
import * as StandardOutput from "../../output/StandardOutput.js"
import * as StartLine from "../../output/StartLine.js"
import { statusText } from "../../output/StatusView.js"
import { fitted } from "../../output/Text.js"
import { nothingYet } from "../../store.js"
import type { Look } from "../status/RunLook.js"

const EVERY = "1 second"

/** Whether there is a terminal to draw on, and a person to press a key. */
export const canDraw = (): boolean =>
  process.stdout.isTTY === true && process.stdin.isTTY === true && process.env["TERM"] !== "dumb"

const enter = "\u001b[?1049h\u001b[?25l"
const leave = "\u001b[?25h\u001b[?1049l"

/** The terminal's second screen, given back when the scope closes, however it does. */
const screen: Effect.Effect<void, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    StartLine.clear()
    StandardOutput.write(enter)
  }),
  () => Effect.sync(() => StandardOutput.write(leave))
)

const draw = (text: string): void => {
  const { columns = 80, rows = 24 } = process.stdout
  const lines = text.split("\n")
  const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), "…"]
  const body = [...shown.map((line) => fitted(line, columns)), ...Array.from({ length: rows - shown.length - 1 }, () => "")]
  const last = "q quits"
  const painted = [...body, last].map((line) => `${colourful(process.stdout) ? line : stripVTControlCharacters(line)}\u001b[K`)
  StandardOutput.write(`\u001b[H${painted.join("\r\n")}`)
}

const isQuit = ({ input, key }: Terminal.UserInput): boolean =>
  key.name === "escape" || Option.contains(input, "q") || Option.contains(input, "Q") || (key.ctrl && key.name === "c")

/** Draws how runs stand over and over, until somebody presses q. */
export const show = <E, R>(look: Effect.Effect<Look, E, R>): Effect.Effect<void, E, R | Terminal.Terminal> =>
  Effect.scoped(
    Effect.gen(function* () {
      const terminal = yield* Terminal.Terminal
      yield* screen
      const keys = yield* terminal.readInput
      const redraw = Effect.gen(function* () {
        const { runs, watching } = yield* look
        draw(runs.length === 0 ? nothingYet : statusText(runs, watching, yield* Clock.currentTimeMillis))
      })
      const resized = Stream.async<void>((emit) => {
        const tell = () => void emit.single(undefined)
        process.stdout.on("resize", tell)
        return Effect.sync(() => process.stdout.off("resize", tell))
      })
      const quit = Stream.runDrain(Stream.takeUntil(Mailbox.toStream(keys), isQuit))
      const drawing = Effect.zipRight(Effect.repeat(redraw, Schedule.spaced(EVERY)), Effect.never)
      yield* Effect.raceFirst(
        quit,
        Effect.raceFirst(
          drawing,
          Stream.runForEach(resized, () => redraw)
        )
      )
    })
  )
