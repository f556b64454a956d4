import type * as Workers from "@mediaspool/workers"
import { Effect, type Option } from "effect"
import { Output, paint } from "../../output/Output.js"
import { count, counted, duration } from "../../output/Quantity.js"
import { table } from "../../output/Table.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"
import { load } from "../../workers.js"
import * as QueueTarget from "../worker/QueueTarget.js"

type Worker = Workers.Roster.WorkerRecord

const columns = [
  { head: "worker" },
  { head: "since" },
  { head: "slots", align: "right" },
  { head: "at work", align: "right" },
  { head: "done", align: "right" },
  { head: "failed", align: "right" },
  { head: "per minute", align: "right" },
  { head: "engine" },
  { head: "version" }
] as const

const row = (worker: Worker, now: number): ReadonlyArray<string> => [
  `${inline(worker.host)}/${worker.pid}${worker.draining ? " (draining)" : ""}`,
  // Clocks of machines differ.
  duration(Math.max(0, now - worker.since) / 1_000),
  String(worker.slots),
  count(worker.running.length),
  count(worker.done),
  count(worker.failed),
  count(worker.rate),
  `${worker.engine.name} ${worker.engine.version}`.trim(),
  worker.version
]

const refusals = (workers: ReadonlyArray<Worker>): ReadonlyArray<string> =>
  workers.flatMap(({ host, pid, refuses }) =>
    refuses.map(
      ({ reason, stage }) => `${paint.yellow("!")} ${inline(host)}/${pid} gets no jobs of '${inline(stage)}': ${inline(reason)}`
    )
  )

const hindered = (workers: ReadonlyArray<Worker>): ReadonlyArray<string> =>
  workers.flatMap(({ hindrance, host, pid }) =>
    hindrance === undefined ? [] : [`${paint.yellow("!")} ${inline(host)}/${pid} takes no jobs for now: ${inline(hindrance)}`]
  )

/** Lists who shares the work right now. */
export const listWorkers = (queue: Option.Option<string>, config: Option.Option<string>) =>
  Effect.gen(function* () {
    const workers = yield* load
    const output = yield* Output
    const { address } = yield* QueueTarget.find(workers, queue, config)
    const { coordinators, list } = yield* Effect.gen(function* () {
      const client = yield* workers.QueueClient.make(address)
      return {
        list: yield* workers.Roster.workers(client).list,
        coordinators: yield* workers.Roster.coordinators(client).list
      }
    }).pipe(
      Effect.scoped,
      Effect.mapError((error) => Refused.of(error))
    )
    const sorted = [...list].sort((a, b) => a.host.localeCompare(b.host) || a.pid - b.pid)
    const now = Date.now()
    for (const { id, takes, ...worker } of sorted) {
      const since = new Date(worker.since).toISOString()
      yield* output.value({ type: "worker", id, ...worker, since, queues: takes.length })
    }
    for (const { asks, host, id, pid, since, version } of coordinators)
      yield* output.value({
        type: "coordinator",
        id,
        host,
        pid,
        version,
        since: new Date(since).toISOString(),
        stages: asks.map(({ stage, version }) => ({ stage, version }))
      })
    if (output.json) return
    if (sorted.length === 0) return yield* output.print("No worker is there. Start one with `spool worker`.")
    yield* output.print(
      [
        table(
          columns,
          sorted.map((worker) => row(worker, now))
        ),
        ...hindered(sorted),
        ...refusals(sorted),
        `${counted(coordinators.length, "coordinator")} at ${address.shown}`
      ].join("\n")
    )
  })
