import type { Live, Outage } from "../store/RunProgress.js"
import type { RunState } from "./RunState.js"

/** How many attempts are named. */
const NAMED = 5
const MINUTE = 60_000

/** What goes on in a run right now, each time that it is asked; the rate is that of the last minute. */
export const make = ({ active, breaker, compiled, inFlight, placed, placement, stats }: RunState): (() => typeof Live.Type) => {
  const samples: Array<{ readonly at: number; readonly ended: number }> = []
  const rate = (at: number): number | undefined => {
    samples.push({ at, ended: stats.ended() })
    while ((samples[0]?.at ?? at) < at - MINUTE) samples.shift()
    const [first] = samples
    return first === undefined || at - first.at < 2_000 ? undefined : ((stats.ended() - first.ended) / (at - first.at)) * MINUTE
  }
  const resources = [...new Set(compiled.nodes.map(({ resource }) => resource))]
  const away = (): ReadonlyArray<typeof Outage.Type> =>
    resources.flatMap((resource) => {
      const outage = breaker(resource).outage()
      if (outage === undefined) return []
      const { failure, probeAt, since, waiting } = outage
      return [
        {
          resource,
          nodes: compiled.nodes.filter((node) => node.resource === resource).map(({ planned }) => planned.name),
          code: failure.code,
          message: failure.message,
          help: failure.help,
          since,
          ...(probeAt === undefined ? {} : { probeAt }),
          waiting
        }
      ]
    })
  const isPlaced = placed.some((elsewhere) => elsewhere !== undefined)
  return () => {
    const at = Date.now()
    const open = compiled.nodes.map(() => 0)
    for (const { outcomes } of inFlight)
      for (const index of open.keys()) if (outcomes[index] === undefined) open[index] = (open[index] ?? 0) + 1
    const running = compiled.nodes.map(() => 0)
    for (const { task } of active) running[task.node.index] = (running[task.node.index] ?? 0) + 1
    const now = performance.now()
    const perMinute = rate(at)
    const outages = away()
    return {
      at,
      inFlight: inFlight.size,
      ...(perMinute === undefined ? {} : { perMinute }),
      nodes: Object.fromEntries(
        compiled.nodes.map(({ index, planned }) => [
          planned.name,
          { queued: Math.max(0, (open[index] ?? 0) - (running[index] ?? 0)), running: running[index] ?? 0 }
        ])
      ),
      longest: [...active]
        .sort((a, b) => a.began - b.began)
        .slice(0, NAMED)
        .map(({ began, task: { item, node } }) => ({ path: item.path, node: node.planned.name, seconds: (now - began) / 1000 })),
      ...(outages.length === 0 ? {} : { outages }),
      ...(isPlaced && placement.workers !== undefined ? { workers: placement.workers() } : {})
    }
  }
}
