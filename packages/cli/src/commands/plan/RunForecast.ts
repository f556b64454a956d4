import { type CompiledPlan, Money, type PlannedItem, type Stage, Usage } from "@mediaspool/core"
import { BigDecimal, Option, Schema } from "effect"
import { join } from "node:path"

/** Files by what a run would do with one node. */
export interface NodeForecast {
  readonly cached: number
  readonly toRun: number
  /** An input failed before, or waits. */
  readonly blocked: number
}

/** Why steps can't be reached: a node failed before, or waits. */
export interface BlockReason {
  readonly node: string
  readonly code: string
  readonly files: number
  /** Of the first of them. */
  readonly message: string
  readonly help: string
}

/** Requests that one node would make to one model. */
export interface ModelForecast {
  readonly node: string
  readonly account: string
  readonly model: string
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** `undefined`: no price is known. */
  readonly cost: Money | undefined
  readonly requestsPerMinute: number | undefined
}

/** What a run would do and cost. */
export interface RunForecast {
  readonly pipeline: string
  readonly items: number
  readonly stages: Readonly<Record<string, NodeForecast>>
  /** Most files first. */
  readonly blocked: ReadonlyArray<BlockReason>
  /** Of the files that have something to run. */
  readonly mediaSeconds: number
  /** Files whose length is estimated from their size, and those of which nothing is known. */
  readonly estimatedLengths: number
  readonly unknownLengths: number
  readonly models: ReadonlyArray<ModelForecast>
  /** Wall-clock time; `undefined` where a node has never run here. */
  readonly seconds: number | undefined
  /** Nodes whose edits are on trial: what they gave before is planned with. */
  readonly canaries: ReadonlyArray<string>
}

/** What the summary of the next run compares with. */
export const Planned = Schema.Struct({
  requests: Schema.Number,
  cost: Schema.Record({ key: Schema.String, value: Schema.String }),
  tokens: Schema.optional(Schema.Struct({ input: Schema.Number, output: Schema.Number })),
  seconds: Schema.optional(Schema.NullOr(Schema.Number)),
  /** Files that each node was to run for. */
  stages: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Number }))
})

/** Where the last plan of a pipeline is kept, until a run has used it. */
export const plannedFile = (state: string, pipeline: string): string => join(state, `plan-${pipeline}.json`)

/** How long nodes took, and what their requests used, in runs before. */
export interface History {
  /** Node → mean milliseconds of an attempt. */
  readonly milliseconds: ReadonlyMap<string, number>
  /** `node account model` → mean tokens of a request: its text, and its answer. */
  readonly tokens: ReadonlyMap<string, { readonly text: number; readonly output: number }>
}

export const historyKey = (node: string, account: string, model: string): string => `${node}\0${account}\0${model}`

/** Lengths are told apart by tenths of a second, so that a million files cost as much memory as a thousand. */
const grain = 10

interface Counts {
  cached: number
  toRun: number
  blocked: number
  readonly seconds: Map<number, number>
  /** Bytes of files whose length isn't known, and how many they are. */
  unknown: { files: number; bytes: number }
}

/** Adds planned files up. Mutable: they come by the thousand. */
export class ForecastCounts {
  items = 0
  readonly nodes: ReadonlyArray<Counts>
  private readonly known = { seconds: 0, bytes: 0 }
  readonly toRun = { seconds: 0, unknown: 0, bytes: 0 }
  private readonly reasons = new Map<string, BlockReason>()

  constructor(
    readonly compiled: CompiledPlan,
    /** The place of the node that measures lengths; -1: none. */
    private readonly probe: number,
    /** A content's length, as the library has it. */
    private readonly lengthOf: (contentHash: string) => number | undefined
  ) {
    this.nodes = compiled.nodes.map(() => ({
      cached: 0,
      toRun: 0,
      blocked: 0,
      seconds: new Map(),
      unknown: { files: 0, bytes: 0 }
    }))
  }

  unchanged(files: number): void {
    this.items += files
    for (const node of this.nodes) node.cached += files
  }

  add(item: PlannedItem): void {
    this.items += 1
    const seconds = this.secondsOf(item)
    if (seconds !== undefined) {
      this.known.seconds += seconds
      this.known.bytes += item.size
    }
    const works = item.steps.includes("toRun")
    if (works && seconds !== undefined) this.toRun.seconds += seconds
    if (works && seconds === undefined) {
      this.toRun.unknown += 1
      this.toRun.bytes += item.size
    }
    item.steps.forEach((step, i) => {
      const node = this.nodes[i]
      if (node === undefined) return
      if (step === "blocked") {
        node.blocked += 1
        this.block(this.compiled.nodes[i]?.planned.name ?? "", item.failure(i))
      } else if (step !== "toRun") node.cached += 1
      else {
        node.toRun += 1
        if (seconds === undefined) node.unknown = { files: node.unknown.files + 1, bytes: node.unknown.bytes + item.size }
        else {
          const rounded = Math.round(seconds * grain) / grain
          node.seconds.set(rounded, (node.seconds.get(rounded) ?? 0) + 1)
        }
      }
    })
  }

  /** Why steps are blocked, most files first. */
  get blocked(): ReadonlyArray<BlockReason> {
    return [...this.reasons.values()].sort((a, b) => b.files - a.files)
  }

  private block(node: string, failure: ReturnType<PlannedItem["failure"]>): void {
    if (failure === undefined) return
    const { code, help, message } = failure
    const key = `${node} ${code}`
    const known = this.reasons.get(key) ?? { node, code, files: 0, message, help }
    this.reasons.set(key, { ...known, files: known.files + 1 })
  }

  /** Seconds a byte, of the files whose length is known. */
  get rate(): number | undefined {
    return this.known.bytes === 0 ? undefined : this.known.seconds / this.known.bytes
  }

  /** The library is asked first: it knows the length of what was filed, and the probe's own word has to be looked up and read. */
  private secondsOf(item: PlannedItem): number | undefined {
    const known = this.lengthOf(item.contentHash)
    if (known !== undefined || this.probe === -1) return known
    const stored = item.value(this.probe)
    const value: unknown = stored === undefined ? undefined : JSON.parse(stored)
    return typeof value === "object" && value !== null && "durationSeconds" in value && typeof value.durationSeconds === "number"
      ? value.durationSeconds
      : undefined
  }
}

/** An estimate that runs before corrected. */
export const corrected = (
  node: string,
  { account, model, price, requests, requestsPerMinute, usage }: Stage.CallEstimate,
  times: number,
  { tokens }: History
): ModelForecast => {
  const seen = tokens.get(historyKey(node, account, model))
  const audio = (usage.audioTokens ?? 0) * times
  const pictures = (usage.pictureTokens ?? 0) * times
  const all = requests * times
  const input = seen === undefined ? usage.inputTokens * times : audio + Math.round(seen.text * all)
  const output = seen === undefined ? usage.outputTokens * times : Math.round(seen.output * all)
  return {
    node,
    account,
    model,
    requests: all,
    inputTokens: input,
    outputTokens: output,
    cost: price?.(
      new Usage({
        inputTokens: input,
        outputTokens: output,
        audioTokens: Math.min(audio, input),
        pictureTokens: Math.max(0, Math.min(pictures, input - audio))
      })
    ),
    requestsPerMinute
  }
}

const sum = (a: Money | undefined, b: Money | undefined): Money | undefined =>
  a === undefined || b === undefined ? undefined : new Money({ currency: a.currency, amount: BigDecimal.sum(a.amount, b.amount) })

/** One entry a node, account and model. */
export const byModel = (all: ReadonlyArray<ModelForecast>): ReadonlyArray<ModelForecast> => {
  const found = new Map<string, ModelForecast>()
  for (const each of all) {
    const key = historyKey(each.node, each.account, each.model)
    const before = found.get(key)
    found.set(
      key,
      before === undefined
        ? each
        : {
            ...each,
            requests: before.requests + each.requests,
            inputTokens: before.inputTokens + each.inputTokens,
            outputTokens: before.outputTokens + each.outputTokens,
            cost: sum(before.cost, each.cost)
          }
    )
  }
  return [...found.values()]
}

/** Requests that wait for an answer at the same time, where nothing says how many. */
const atOnce = 8

/**
 * Wall-clock time: what this machine computes, or what the slowest account lets through, whichever is longer.
 *
 * @param cores how many local steps run at the same time
 */
export const secondsOf = (
  { compiled, nodes }: ForecastCounts,
  models: ReadonlyArray<ModelForecast>,
  { milliseconds }: History,
  cores: number
): number | undefined => {
  let local = 0
  let remote = 0
  for (const [i, { toRun }] of nodes.entries()) {
    const name = compiled.nodes[i]?.planned.name ?? ""
    if (toRun === 0) continue
    const mean = milliseconds.get(name)
    if (mean === undefined) return undefined
    const spent = (toRun * mean) / 1000
    if (models.some(({ node }) => node === name)) remote = Math.max(remote, spent / atOnce)
    else local += spent / cores
  }
  const limited = models.map(({ requests, requestsPerMinute }) =>
    requestsPerMinute === undefined ? 0 : Math.max(0, requests / requestsPerMinute - 1) * 60
  )
  return Math.max(local, remote, ...limited)
}

/** Costs by currency; models without a price are left out. */
export const totalCost = (models: ReadonlyArray<ModelForecast>): ReadonlyArray<Money> => {
  const found = new Map<string, Money>()
  for (const money of models.flatMap(({ cost }) => Option.toArray(Option.fromNullable(cost))))
    found.set(
      money.currency,
      sum(found.get(money.currency) ?? new Money({ currency: money.currency, amount: BigDecimal.fromBigInt(0n) }), money) ?? money
    )
  return [...found.values()]
}
