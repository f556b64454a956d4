import type { Limit, Live, Outage } from "../store/RunProgress.js"
import type { RunState } from "./RunState.js"

/** How many attempts are named. */
const NAMED = 5
const MINUTE = 60_000
/** Whether places elsewhere are back is looked at every second, in milliseconds. */
const LOOK_AGAIN = 1_000

/** What goes on in a run right now, each time that it is asked; the rate is that of the last minute. */
export const make = ({
  active,
  breaker,
  compiled,
  inFlight,
  placed,
  placement,
  queued,
  stats
}: RunState): (() => typeof Live.Type) => {
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
  /** Steps that wait for what their accounts allow, by resource and reason. */
  const held = (): ReadonlyArray<typeof Limit.Type> => {
    const found = new Map<string, { readonly limit: typeof Limit.Type; readonly nodes: Set<string> }>()
    for (const { task, waitsFor } of active) {
      if (waitsFor === undefined || waitsFor === "slot") continue
      const { planned, resource } = task.node
      const key = `${waitsFor} ${resource}`
      const { limit, nodes } = found.get(key) ?? {
        limit: { resource, nodes: [], reason: waitsFor, waiting: 0 },
        nodes: new Set<string>()
      }
      found.set(key, { limit: { ...limit, waiting: limit.waiting + 1 }, nodes: nodes.add(planned.name) })
    }
    return [...found.values()].map(({ limit, nodes }) => ({ ...limit, nodes: [...nodes] }))
  }
  const isPlaced = placed.some((elsewhere) => elsewhere !== undefined)
  /** What keeps attempts from their places elsewhere. */
  const awayElsewhere = (at: number): ReadonlyArray<typeof Outage.Type> =>
    (isPlaced ? (placement.outages?.() ?? []) : []).map(({ failure: { code, help, message }, resource, since }) => ({
      resource,
      nodes: compiled.nodes.filter(({ index }) => placed[index] !== undefined).map(({ planned }) => planned.name),
      code,
      message,
      help,
      since,
      probeAt: at + LOOK_AGAIN,
      waiting: queued.size
    }))
  return () => {
    const at = Date.now()
    const open = compiled.nodes.map(() => 0)
    for (const { outcomes } of inFlight)
      for (const index of open.keys()) if (outcomes[index] === undefined) open[index] = (open[index] ?? 0) + 1
    const running = compiled.nodes.map(() => 0)
    for (const { task, waitsFor } of active)
      if (waitsFor === undefined) running[task.node.index] = (running[task.node.index] ?? 0) + 1
    const now = performance.now()
    const perMinute = rate(at)
    const outages = [...away(), ...awayElsewhere(at)]
    const limits = held()
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
      ...(limits.length === 0 ? {} : { limits }),
      ...(isPlaced && placement.workers !== undefined ? { workers: placement.workers() } : {})
    }
  }
}
