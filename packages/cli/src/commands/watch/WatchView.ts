import {
  type ConfigError,
  Cost,
  type Counts,
  type Halt,
  type PlanFault,
  type Project,
  type StageFailure,
  type WatchEvent
} from "@mediaspool/core"
import { Duration } from "effect"
import * as Diagnostics from "../../Diagnostics.js"
import { paint } from "../../output/Output.js"
import { longStep } from "../../output/Progress.js"
import { count, counted, duration } from "../../output/Quantity.js"
import { canaryText } from "../../output/SummaryView.js"
import { inline, place, shortened } from "../../output/Text.js"
import * as Warning from "../../output/Warning.js"
import type { Refused } from "../../Refused.js"
import type { WatchedPipeline } from "./WatchedPipeline.js"

/** Why a config can't take over. */
export type Unfit = ConfigError | PlanFault | Refused | StageFailure

const has = <Tag extends string>(error: Unfit, tag: Tag): error is Extract<Unfit, { readonly _tag: Tag }> => error._tag === tag

/** What is wrong with a config: each fault with its place, as far as it has one. */
const unfitText = (error: Unfit, project: Project.Project): string => {
  if (has(error, "ConfigError")) return Diagnostics.text(error.faults, error.help)
  if (has(error, "PlanFault")) {
    const { faults, help } = Diagnostics.ofPlan(error, project)
    return Diagnostics.text(faults, help)
  }
  return `${paint.red("✗")} ${inline(error.message)}${error.help === undefined ? "" : `\n${error.help}`}`
}

const reason = ({ code, help, message }: StageFailure): string => `${inline(message)} (${code})\n  ${help}`

/** The system's word for a full table of watches is known to few. */
const lost = (detail: string): string =>
  detail === "ENOSPC" || detail === "EMFILE"
    ? `${detail}: the limit of watched folders is reached; on Linux, raise \`sysctl fs.inotify.max_user_watches\``
    : inline(detail)

const halted = (pipeline: string, halt: Halt, failure: StageFailure | undefined): string => {
  const name = paint.bold(pipeline)
  if (failure === undefined) return `${name} is paused; continue with \`spool resume ${pipeline}\``
  switch (halt) {
    case "stopped":
      return `${paint.red("✗")} ${name} stopped: ${reason(failure)}\n  Then \`spool resume ${pipeline}\`, or edit the config.`
    case "folder":
      return `${paint.yellow("!")} ${name} is not taking files: ${reason(failure)}`
    default:
      return `${paint.yellow("!")} ${name} will be retried shortly: ${reason(failure)}`
  }
}

/** What a watcher tells of itself, for a person; undefined for what need not be said. */
export const eventText = (event: WatchEvent<Unfit>, project: Project.Project): string | undefined => {
  switch (event._tag) {
    case "Watching": {
      const { folder, mode, pipeline, settleMillis } = event
      const every = project.pipelines.get(pipeline)?.plan.source?.scanEvery
      const how =
        mode === "events" ? "watches" : `scans${every === undefined ? "" : ` every ${duration(Duration.toSeconds(every))}`}:`
      return `${paint.bold(pipeline)} ${how} ${place(folder)}; files are processed once unchanged for ${duration(settleMillis / 1_000)}`
    }
    case "Halted":
      return halted(event.pipeline, event.halt, event.failure)
    case "Resumed":
      return `${paint.bold(event.pipeline)} is running again`
    case "EventsLost":
      return `${paint.yellow("!")} ${paint.bold(event.pipeline)}: some file events were missed (${lost(event.detail)}); scanning more often`
    case "Reloaded":
      return `${paint.green("✓")} ${place(project.file)} reloaded; applies from the next file on: ${event.pipelines.join(", ")}`
    case "CanaryServed":
      return canaryText(event.pipeline, event.nodes)
    case "PaidAgain":
      return Warning.text(event.pipeline, Warning.rewired(event.step))
    case "TakenByContent":
      return Warning.text(event.pipeline, Warning.takenByContent(event.files))
    case "ReloadRefused":
      return `${unfitText(event.error, project)}\nThe previous config stays active.`
    case "WatchDraining":
      return "Finishing current work; press Ctrl-C again to stop at once."
    case "FolderScanned":
      return undefined
  }
}

/** What is worth telling of a scan. */
export type Scanned = Pick<Counts, "files" | "found" | "gone" | "ignored">

/** A whole look through a folder. */
export const scannedText = (pipeline: string, { files, found, gone, ignored }: Scanned): string =>
  [
    `${paint.bold(pipeline)} has ${counted(files, "file")}, ${found === 0 ? "all done" : `${count(found)} to do`}`,
    ...(gone > 0 ? [`${count(gone)} gone`] : []),
    ...(ignored > 0 ? [`${count(ignored)} ignored`] : [])
  ].join(", ")

/** The same for a script. */
export const eventValue = (event: WatchEvent<Unfit>, project: Project.Project): object => {
  switch (event._tag) {
    case "Watching":
      return {
        type: "watching",
        pipeline: event.pipeline,
        folder: event.folder,
        mode: event.mode,
        settleMillis: event.settleMillis
      }
    case "FolderScanned":
      return { type: "scanned", pipeline: event.pipeline, ...event.counts, milliseconds: Math.round(event.milliseconds) }
    case "Halted":
      return { type: "halted", pipeline: event.pipeline, why: event.halt, ...failureValue(event.failure) }
    case "Resumed":
      return { type: "resumed", pipeline: event.pipeline }
    case "EventsLost":
      return { type: "events-lost", pipeline: event.pipeline, detail: event.detail }
    case "Reloaded":
      return { type: "reloaded", pipelines: event.pipelines }
    case "CanaryServed":
      return { type: "canary-served", pipeline: event.pipeline, nodes: event.nodes }
    case "PaidAgain":
      return Warning.value(event.pipeline, Warning.rewired(event.step))
    case "TakenByContent":
      return Warning.value(event.pipeline, Warning.takenByContent(event.files))
    case "ReloadRefused": {
      const { error } = event
      const faults = has(error, "ConfigError")
        ? error.faults
        : has(error, "PlanFault")
          ? Diagnostics.ofPlan(error, project).faults
          : []
      return { type: "reload-refused", message: error.message, faults }
    }
    case "WatchDraining":
      return { type: "draining" }
  }
}

/** What a script needs of a failure. */
export const failureValue = (failure: Pick<StageFailure, "code" | "retry" | "message" | "help"> | undefined): object =>
  failure === undefined ? {} : { code: failure.code, retry: failure.retry, message: failure.message, help: failure.help }

const longShown = 4

/** What stays at the bottom of a terminal while a watcher lives. */
export const lines = (all: Iterable<WatchedPipeline>, columns: number): ReadonlyArray<string> => {
  const watched = [...all]
  const parts = ({ failed, folder, halted, pipeline, tally, waiting }: WatchedPipeline) => [
    `${paint.bold(pipeline)} ${halted ?? `watches ${place(folder)}`}`,
    ...(tally.inFlight.size > 0 ? [`${count(tally.inFlight.size)} in progress`] : []),
    ...(tally.items.done > 0 ? [paint.green(`${count(tally.items.done)} done`)] : []),
    ...(failed.size > 0 ? [paint.red(`${count(failed.size)} failed`)] : []),
    ...(waiting.size > 0 ? [paint.yellow(`${count(waiting.size)} waiting`)] : []),
    ...tally.money.map((each) => Cost.format(each))
  ]
  const long = watched.flatMap(({ tally }) => tally.long).slice(0, longShown)
  const away = new Set(watched.flatMap(({ tally }) => tally.outages.texts))
  return [
    ...watched.map((each) => parts(each).join(" · ")),
    ...long.map((step) => longStep(step, columns)),
    ...[...away].map((text) => paint.yellow(`  ${text}`))
  ]
}

/** A few words for {@link lines}. */
export const haltedShort = (halt: Halt): string =>
  halt === "paused"
    ? "is paused"
    : halt === "folder"
      ? "is waiting for its folder"
      : halt === "stopped"
        ? "stopped"
        : "will be retried shortly"

/** How a file ended, in one line. */
export interface FileEnd {
  readonly path: string
  readonly state: "done" | "failed" | "waiting"
  readonly obstacles: ReadonlyArray<{ readonly node: string; readonly failure: Pick<StageFailure, "code" | "message"> }>
}

const marks = { done: paint.green("✓"), failed: paint.red("✗"), waiting: paint.yellow("…") }

/** So many files of one moment are named; more are counted. */
const namedAtOnce = 10

const endLine = ({ obstacles: [first], path, state }: FileEnd): string =>
  `${marks[state]} ${place(path)}${first === undefined ? "" : `  ${first.node}: ${paint.dim(`${shortened(inline(first.failure.message), 200)} (${first.failure.code})`)}`}`

/** A file that has another name. */
export interface Move {
  readonly path: string
  readonly from: string
}

/** What was renamed in one moment. */
export const moved = (files: ReadonlyArray<Move>): ReadonlyArray<string> =>
  files.length <= namedAtOnce
    ? files.map(({ from, path }) => `${paint.dim("→")} ${place(from)} moved to ${place(path)}`)
    : [`${paint.dim("→")} ${counted(files.length, "file")} moved`]

/** What ended in one moment. */
export const ended = (files: ReadonlyArray<FileEnd>): ReadonlyArray<string> =>
  (["done", "failed", "waiting"] as const).flatMap((state) => {
    const those = files.filter((file) => file.state === state)
    if (those.length <= namedAtOnce) return those.map(endLine)
    const [one] = those.flatMap(({ obstacles }) => obstacles)
    const what = `${marks[state]} ${counted(those.length, "file")} ${state === "waiting" ? "wait" : state}`
    return [
      one === undefined ? what : `${what}, the first with ${one.node}: ${paint.dim(one.failure.code)}; \`spool errors\` shows all`
    ]
  })
