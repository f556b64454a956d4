import type { Event } from "@mediaspool/core"
import { Context, Exit, Option, type Tracer } from "effect"

/** Spans that stay open when a reader loses events. */
const MOST_OPEN = 50_000

const nanos = (): bigint => BigInt(Date.now()) * 1_000_000n

/**
 * Spans of runs by their events: a trace a file, with a span for each step that ran in it, and one span for a whole run. They are made
 * when they end, with the times that the run measured. Mutable: events come by the thousand.
 */
export class RunTraces {
  private readonly items = new Map<string, Tracer.Span>()
  private readonly runs = new Map<string, Tracer.Span>()

  constructor(private readonly tracer: Tracer.Tracer) {}

  private span(name: string, parent: Tracer.Span | undefined, startedAt: bigint, attributes: Readonly<Record<string, unknown>>) {
    const span = this.tracer.span(name, Option.fromNullable(parent), Context.empty(), [], startedAt, "internal")
    for (const [key, value] of Object.entries(attributes)) span.attribute(key, value)
    return span
  }

  apply(event: Event): void {
    switch (event._tag) {
      case "RunStarted":
        this.runs.set(
          event.pipeline,
          this.span("run", undefined, nanos(), { "mediaspool.pipeline": event.pipeline, "mediaspool.run": event.run })
        )
        break
      case "RunFinished": {
        const { items, outcome, pipeline } = event.summary
        const run = this.runs.get(pipeline)
        this.runs.delete(pipeline)
        for (const [state, count] of Object.entries(items)) run?.attribute(`mediaspool.files.${state}`, count)
        run?.attribute("mediaspool.outcome", outcome)
        run?.end(nanos(), Exit.void)
        break
      }
      case "ItemStarted":
        if (this.items.size < MOST_OPEN)
          this.items.set(
            `${event.pipeline} ${event.item}`,
            this.span("file", undefined, nanos(), {
              "mediaspool.pipeline": event.pipeline,
              "mediaspool.item": event.item,
              "mediaspool.path": event.path
            })
          )
        break
      case "NodeFinished": {
        const { failure, item, milliseconds, node, outcome, pipeline } = event
        // What was known takes no time.
        if (milliseconds === 0) break
        const ended = nanos()
        const started = ended - BigInt(Math.round(milliseconds * 1_000_000))
        const span = this.span(node, this.items.get(`${pipeline} ${item}`), started, {
          "mediaspool.pipeline": pipeline,
          "mediaspool.node": node,
          "mediaspool.outcome": outcome,
          ...(failure === undefined ? {} : { "mediaspool.code": failure.code })
        })
        span.end(ended, outcome === "failed" ? Exit.fail(failure?.message ?? "failed") : Exit.void)
        break
      }
      case "ItemFinished": {
        const key = `${event.pipeline} ${event.item}`
        const span = this.items.get(key)
        this.items.delete(key)
        span?.attribute("mediaspool.state", event.state)
        span?.end(nanos(), event.state === "failed" ? Exit.fail(event.obstacles[0]?.failure.code ?? "failed") : Exit.void)
        break
      }
    }
  }
}
