import { makeFolder, type WorkersSettings } from "@mediaspool/core"
import { ByteSize } from "@mediaspool/plugins"
import type * as Workers from "@mediaspool/workers"
import { Deferred, Effect, Option, Schema } from "effect"
import { fork } from "node:child_process"
import { statSync } from "node:fs"
import { availableParallelism, hostname, tmpdir, userInfo } from "node:os"
import { join, resolve } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import { Output, paint } from "../../output/Output.js"
import { bytes, counted, duration } from "../../output/Quantity.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import * as Signals from "../../Signals.js"
import { load } from "../../workers.js"
import { ExecutorTask, VARIABLE } from "./ExecutorTask.js"
import * as QueueTarget from "./QueueTarget.js"
import { runExecutor } from "./RunExecutor.js"

/** As the command line has it. */
export interface Asked {
  readonly queue: Option.Option<string>
  readonly slots: Option.Option<number>
  /** `NAME=PATH` */
  readonly root: ReadonlyArray<string>
  readonly work: Option.Option<string>
  readonly cache: string
  readonly config: Option.Option<string>
}

const usage = (message: string, help: string) => Refused.usage(message, help)

const cacheBytes = (text: string): Effect.Effect<number, Refused> =>
  Effect.mapError(Schema.decodeUnknown(ByteSize)(text), () =>
    usage(`--cache ${inline(text)} is no size.`, "Write it like 500MB or 20GB.")
  )

const ROOT = /^([a-z][a-z0-9-]*)=(.+)$/s

/** `NAME=PATH`, as the command line has it. */
const rootOf = (text: string): Effect.Effect<readonly [string, string], Refused> => {
  const [, name, path] = ROOT.exec(text) ?? []
  return name === undefined || path === undefined
    ? usage(
        `--root ${inline(text)} is no NAME=PATH.`,
        "Write the root's name as the coordinator's config has it: `--root nas=/mnt/nas`."
      )
    : Effect.succeed([name, path])
}

/** Absolute, and there: a share that isn't mounted would be an empty folder to the stages. */
const rootsOf = (
  given: Asked["root"],
  section: WorkersSettings | undefined
): Effect.Effect<Readonly<Record<string, string>>, Refused> =>
  Effect.gen(function* () {
    const named = yield* Effect.forEach(given, rootOf)
    const twice = named.find(([name], i) => named.findIndex(([other]) => other === name) !== i)
    if (twice !== undefined) return yield* usage(`The root '${twice[0]}' is given twice.`, "Each root is one folder here.")
    const roots = new Map([...(section?.roots ?? []), ...named].map(([name, path]) => [name, resolve(path)]))
    const missing = [...roots].find(([, path]) => statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return missing === undefined
      ? Object.fromEntries(roots)
      : yield* new Refused({
          code: ExitCode.config,
          message: `The root '${inline(missing[0])}' is not there: ${inline(missing[1])} is no folder.`,
          help: "Mount the share, or name its place: `--root NAME=PATH`."
        })
  })

/** Others on this machine must not read what is worked on, nor put something else there. */
const workFolder = (named: Option.Option<string>): Effect.Effect<string, Refused> => {
  const folder = resolve(Option.getOrElse(named, () => join(tmpdir(), `mediaspool-worker-${userInfo().username}`)))
  const refuse = (why: string) =>
    new Refused({
      code: ExitCode.config,
      message: `The folder ${inline(folder)} can't be used: ${why}.`,
      help: "Name another one: `--work DIR`."
    })
  return Effect.try({
    try: () => {
      makeFolder(folder, 0o700)
      return statSync(folder)
    },
    catch: (cause) => refuse(inline(String(cause)))
  }).pipe(
    Effect.filterOrFail(
      ({ uid }) => process.getuid === undefined || uid === process.getuid(),
      () => refuse("it belongs to another user")
    ),
    Effect.as(folder)
  )
}

/** A full disk is no fault of the jobs: one machine that has it would fail them one after the other. */
const hindranceOf = (workers: typeof Workers, folder: string) => (): string | undefined => {
  const free = workers.FreeSpace.freeBytes(folder)
  return free < workers.FreeSpace.LEAST_FREE ? `the disk of ${folder} has ${bytes(free)} left` : undefined
}

/** The same command again, in a process group of its own: Ctrl-C means the worker, which finishes what it has. */
const starter =
  (task: Omit<ExecutorTask, "slots">): ((slots: number) => ReturnType<typeof fork>) =>
  (slots) =>
    fork(process.argv[1] ?? "", ["worker"], {
      detached: true,
      env: { ...process.env, [VARIABLE]: Schema.encodeSync(ExecutorTask)({ ...task, slots }) },
      stdio: ["ignore", "ignore", "inherit", "ipc"]
    })

const inWords = (event: Workers.StageWorker.WorkerEvent): string => {
  switch (event._tag) {
    case "Ready":
      return `${paint.green("✓")} ${event.worker} takes jobs: ${counted(event.slots, "slot")}, ${event.engine === "none" ? "no media engine" : event.engine}. Ctrl-C finishes what it has and ends.`
    case "JobEnded": {
      const isGood = event.outcome === "done" || event.outcome === "skipped"
      const mark = isGood ? paint.green("✓") : event.outcome === "failed" ? paint.red("✗") : paint.yellow("!")
      const what = `${inline(event.pipeline)}/${inline(event.node)} ${event.key.slice(0, 12)}`
      return `${mark} ${what} ${event.outcome} in ${duration(event.milliseconds / 1_000)}${event.detail === undefined ? "" : `: ${inline(event.detail)}`}`
    }
    case "StageRefused":
      return `${paint.yellow("!")} No jobs of '${inline(event.stage)}' come here: ${inline(event.reason)}`
    case "Hindered":
      return `${paint.yellow("!")} No jobs are taken for now: ${inline(event.detail)}.`
    case "Unhindered":
      return `${paint.green("✓")} Jobs are taken again.`
    case "QueueAway":
      return `${paint.yellow("!")} The queue can't be used: ${inline(event.detail)}. The work goes on when it can.`
    case "QueueBack":
      return `${paint.green("✓")} The queue can be used again.`
    case "Draining":
      return `Finishing ${counted(event.jobs, "job")}; nothing new is taken.`
  }
}

const TYPES = {
  Ready: "ready",
  JobEnded: "job",
  StageRefused: "refused",
  Hindered: "hindered",
  Unhindered: "unhindered",
  QueueAway: "away",
  QueueBack: "back",
  Draining: "draining"
}

const asValue = ({ _tag, ...rest }: Workers.StageWorker.WorkerEvent): object => ({ type: TYPES[_tag], ...rest })

/** Runs stages for coordinators until it is asked to end. */
export const runWorker = (asked: Asked) =>
  Effect.gen(function* () {
    const workers = yield* load
    const task = process.env[VARIABLE]
    if (task !== undefined && process.send !== undefined)
      return yield* runExecutor(workers, yield* Effect.orDie(Schema.decode(ExecutorTask)(task)))
    const output = yield* Output
    const { address, project } = yield* QueueTarget.find(workers, asked.queue, asked.config)
    const slots = Option.getOrElse(asked.slots, availableParallelism)
    if (!(slots >= 1 && slots <= 1_024))
      return yield* usage(`--slots ${slots} is no number of jobs.`, "Write a number from 1 to 1024.")
    const roots = yield* rootsOf(asked.root, project?.workers)
    const host = hostname()
    const work = yield* workFolder(asked.work)
    const start = starter({
      worker: `${host}/${process.pid}`,
      ...(project === undefined ? {} : { config: project.file }),
      roots,
      work,
      cacheBytes: yield* cacheBytes(asked.cache)
    })
    const drain = yield* Signals.draining
    yield* workers.StageWorker.run({
      address,
      host,
      slots,
      roots: Object.keys(roots),
      hindrance: hindranceOf(workers, work),
      start,
      drain: Deferred.await(drain),
      tell: (events) => (output.json ? output.values(events.map(asValue)) : output.print(events.map(inWords).join("\n")))
    }).pipe(Effect.mapError((error) => Refused.of(error)))
  }).pipe(Effect.scoped)
