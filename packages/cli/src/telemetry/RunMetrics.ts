import type { Event, RunStatus } from "@mediaspool/core"
import { BigDecimal, Metric, MetricBoundaries, MetricLabel } from "effect"

/** What the names of all metrics begin with. */
export const PREFIX = "mediaspool_"

const STEP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]

const files = Metric.counter(`${PREFIX}files_total`, { description: "Files ended, by state", incremental: true })
const steps = Metric.counter(`${PREFIX}steps_total`, { description: "Steps ended, by outcome", incremental: true })
const retries = Metric.counter(`${PREFIX}retries_total`, {
  description: "Tries that failed and were followed by another",
  incremental: true
})
const cost = Metric.counter(`${PREFIX}cost_total`, { description: "Money paid for answered requests", incremental: true })
const inFlight = Metric.gauge(`${PREFIX}files_in_flight`, { description: "Files under way" })
const available = Metric.gauge(`${PREFIX}service_available`, {
  description: "1 while an outside service answers, 0 while its work waits"
})
const workers = {
  processes: Metric.gauge(`${PREFIX}workers`, { description: "Worker processes that take jobs, by machine" }),
  slots: Metric.gauge(`${PREFIX}worker_slots`, { description: "Heavy jobs that a machine's workers run at the same time" }),
  running: Metric.gauge(`${PREFIX}worker_jobs_running`, { description: "Jobs that a machine's workers work on" }),
  rate: Metric.gauge(`${PREFIX}worker_jobs_per_minute`, { description: "Jobs that a machine's workers ended in the last minute" })
}
const seconds = Metric.histogram(
  `${PREFIX}step_duration_seconds`,
  MetricBoundaries.fromIterable(STEP_SECONDS),
  "Time that a step ran for one file"
)

/** One series of a metric; given numbers. */
type Update = (value: number) => void

/** Series by the values of their labels, one after the other. */
class Level {
  readonly next = new Map<string, Level>()
  update: Update | undefined
}

/** A metric's series by the values of its labels; each is looked up once. Never a file's name: there are too many. */
const series = <Type, Out>(metric: Metric.Metric<Type, number, Out>, ...names: ReadonlyArray<string>) => {
  const root = new Level()
  // Effect keeps a series by the array of its labels; `Metric.tagged` makes another one with each update, and looks the series up again.
  const make = (values: ReadonlyArray<string>): Update => {
    const labels = names.map((name, i) => MetricLabel.make(name, values[i] ?? ""))
    return (value) => metric.unsafeUpdate(value, labels)
  }
  return (...values: ReadonlyArray<string>): Update => {
    let level = root
    for (const value of values) {
      let next = level.next.get(value)
      if (next === undefined) level.next.set(value, (next = new Level()))
      level = next
    }
    return (level.update ??= make(values))
  }
}

/** A worker is `MACHINE/PROCESS`. */
const machineOf = (worker: string): string => worker.slice(0, worker.lastIndexOf("/"))

/** Keeps the process's metrics by the events of its runs. Mutable: events come by the thousand. */
export class RunMetrics {
  private readonly files = series(files, "pipeline", "state")
  private readonly steps = series(steps, "pipeline", "node", "outcome")
  private readonly retries = series(retries, "pipeline", "node")
  private readonly cost = series(cost, "pipeline", "node", "currency")
  private readonly seconds = series(seconds, "pipeline", "node")
  private readonly inFlight = series(inFlight, "pipeline")
  private readonly available = series(available, "service")
  private readonly workers = {
    processes: series(workers.processes, "machine"),
    slots: series(workers.slots, "machine"),
    running: series(workers.running, "machine"),
    rate: series(workers.rate, "machine")
  }
  /** Machines that had workers: those that have none any more count 0. */
  private readonly machines = new Set<string>()
  private readonly open = new Map<string, Set<number>>()

  private fly(pipeline: string, item: number, isIn: boolean): void {
    const open = this.open.get(pipeline) ?? new Set()
    this.open.set(pipeline, open)
    if (isIn) open.add(item)
    else open.delete(item)
    this.inFlight(pipeline)(open.size)
  }

  /** By machine: processes come and go, and each would be a series for good. */
  private see(seen: ReadonlyArray<RunStatus.WorkerStatus>): void {
    for (const { name } of seen) this.machines.add(machineOf(name))
    for (const machine of this.machines) {
      const here = seen.filter(({ name }) => machineOf(name) === machine)
      const sum = (of: (worker: RunStatus.WorkerStatus) => number) => here.reduce((total, worker) => total + of(worker), 0)
      this.workers.processes(machine)(sum(({ isDraining }) => (isDraining ? 0 : 1)))
      this.workers.slots(machine)(sum(({ slots }) => slots))
      this.workers.running(machine)(sum(({ running }) => running))
      this.workers.rate(machine)(sum(({ perMinute }) => perMinute))
    }
  }

  apply(event: Event): void {
    switch (event._tag) {
      case "Unchanged":
        this.files(event.pipeline, "unchanged")(event.count)
        break
      case "ItemStarted":
        this.fly(event.pipeline, event.item, true)
        break
      case "ItemFinished":
        this.fly(event.pipeline, event.item, false)
        this.files(event.pipeline, event.state)(1)
        break
      case "NodeFinished": {
        const { milliseconds, node, outcome, pipeline, price } = event
        this.steps(pipeline, node, outcome)(1)
        if (outcome === "ran") this.seconds(pipeline, node)(milliseconds / 1000)
        if (price !== undefined) this.cost(pipeline, node, price.currency)(Number(BigDecimal.format(price.amount)))
        break
      }
      case "NodeRetried":
        this.retries(event.pipeline, event.node)(1)
        break
      case "ResourceClosed":
        this.available(event.resource)(0)
        break
      case "ResourceOpened":
        this.available(event.resource)(1)
        break
      case "WorkersSeen":
        this.see(event.workers)
        break
    }
  }
}
