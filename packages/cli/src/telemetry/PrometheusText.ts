import { Metric, type MetricKey, MetricState, Option } from "effect"
import { PREFIX } from "./RunMetrics.js"

/** As https://prometheus.io/docs/instrumenting/exposition_formats/ has it. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

const value = (text: string): string => text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"')
const help = (text: string): string => text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")

type Labels = ReadonlyArray<readonly [string, string]>

const labelled = (name: string, labels: Labels): string =>
  labels.length === 0 ? name : `${name}{${labels.map(([key, text]) => `${key}="${value(text)}"`).join(",")}}`

const number = (n: number): string => (n === Infinity ? "+Inf" : n === -Infinity ? "-Inf" : String(n))

interface Written {
  readonly type: string
  readonly lines: ReadonlyArray<string>
}

const write = (name: string, labels: Labels, state: MetricState.MetricState.Untyped): Written | undefined => {
  if (MetricState.isCounterState(state)) return { type: "counter", lines: [`${labelled(name, labels)} ${Number(state.count)}`] }
  if (MetricState.isGaugeState(state)) return { type: "gauge", lines: [`${labelled(name, labels)} ${Number(state.value)}`] }
  if (MetricState.isHistogramState(state))
    return {
      type: "histogram",
      lines: [
        ...state.buckets
          .filter(([bound]) => Number.isFinite(bound))
          .map(([bound, count]) => `${labelled(`${name}_bucket`, [...labels, ["le", number(bound)]])} ${count}`),
        `${labelled(`${name}_bucket`, [...labels, ["le", "+Inf"]])} ${state.count}`,
        `${labelled(`${name}_sum`, labels)} ${number(state.sum)}`,
        `${labelled(`${name}_count`, labels)} ${state.count}`
      ]
    }
  return undefined
}

const labelsOf = (key: MetricKey.MetricKey.Untyped): Labels => key.tags.map(({ key, value }) => [key, value] as const)

interface Family {
  readonly head: ReadonlyArray<string>
  /** By labels; the lines of one keep their order, for a histogram's buckets must rise. */
  readonly series: Map<string, ReadonlyArray<string>>
}

const sorted = <A>(map: ReadonlyMap<string, A>): ReadonlyArray<A> =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)

/** The process's own metrics as Prometheus reads them: each name with its help and type once. */
export const text = (): string => {
  const families = new Map<string, Family>()
  for (const { metricKey, metricState } of Metric.unsafeSnapshot()) {
    const { name } = metricKey
    const labels = labelsOf(metricKey)
    const written = name.startsWith(PREFIX) ? write(name, labels, metricState) : undefined
    if (written === undefined) continue
    const about = Option.getOrElse(metricKey.description, () => name)
    const family = families.get(name) ?? {
      head: [`# HELP ${name} ${help(about)}`, `# TYPE ${name} ${written.type}`],
      series: new Map<string, ReadonlyArray<string>>()
    }
    families.set(name, family)
    family.series.set(labelled(name, labels), written.lines)
  }
  return sorted(families)
    .flatMap(({ head, series }) => [...head, ...sorted(series).flat()])
    .map((line) => `${line}\n`)
    .join("")
}
