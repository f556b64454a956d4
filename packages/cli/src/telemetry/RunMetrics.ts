import type { Event } from "@mediaspool/core"
import { BigDecimal, Metric, MetricBoundaries } from "effect"

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
const seconds = Metric.histogram(
  `${PREFIX}step_duration_seconds`,
  MetricBoundaries.fromIterable(STEP_SECONDS),
  "Time that a step ran for one file"
)

/** One series of a metric; given numbers. */
type Update = (value: number) => void

/** A metric's series by labels; each is looked up once, for labels are slow to compare. Never a file's name: there are too many. */
const series = <Type, Out>(metric: Metric.Metric<Type, number, Out>) => {
  const known = new Map<string, Update>()
  return (labels: Readonly<Record<string, string>>): Update => {
    let key = ""
    for (const name in labels) key += `${labels[name] ?? ""}\0`
    const found = known.get(key)
    if (found !== undefined) return found
    const tagged = Object.entries(labels).reduce((metric, [name, value]) => Metric.tagged(metric, name, value), metric)
    const update: Update = (value) => tagged.unsafeUpdate(value, [])
    known.set(key, update)
    return update
  }
}

/** Keeps the process's metrics by the events of its runs. Mutable: events come by the thousand. */
export class RunMetrics {
  private readonly files = series(files)
  private readonly steps = series(steps)
  private readonly retries = series(retries)
  private readonly cost = series(cost)
  private readonly seconds = series(seconds)
  private readonly inFlight = series(inFlight)
  private readonly available = series(available)
  private readonly open = new Map<string, Set<number>>()

  private fly(pipeline: string, item: number, isIn: boolean): void {
    const open = this.open.get(pipeline) ?? new Set()
    this.open.set(pipeline, open)
    if (isIn) open.add(item)
    else open.delete(item)
    this.inFlight({ pipeline })(open.size)
  }

  apply(event: Event): void {
    switch (event._tag) {
      case "Unchanged":
        this.files({ pipeline: event.pipeline, state: "unchanged" })(event.count)
        break
      case "ItemStarted":
        this.fly(event.pipeline, event.item, true)
        break
      case "ItemFinished":
        this.fly(event.pipeline, event.item, false)
        this.files({ pipeline: event.pipeline, state: event.state })(1)
        break
      case "NodeFinished": {
        const { milliseconds, node, outcome, pipeline, price } = event
        this.steps({ pipeline, node, outcome })(1)
        if (outcome === "ran") this.seconds({ pipeline, node })(milliseconds / 1000)
        if (price !== undefined) this.cost({ pipeline, node, currency: price.currency })(Number(BigDecimal.format(price.amount)))
        break
      }
      case "NodeRetried":
        this.retries({ pipeline: event.pipeline, node: event.node })(1)
        break
      case "ResourceClosed":
        this.available({ service: event.resource })(0)
        break
      case "ResourceOpened":
        this.available({ service: event.resource })(1)
        break
    }
  }
}
