import { Effect } from "effect"
import type { StoreError } from "../store/StoreError.js"
import type { CompiledPlan } from "./CompiledPlan.js"
import { DoneUnder, type Needed } from "./DoneUnder.js"
import * as ItemCompletion from "./ItemCompletion.js"
import type { Found } from "./ItemIntake.js"
import * as KnownResults from "./KnownResults.js"
import type { DryRun, PlannedItem, PlannedStep } from "./RunOptions.js"
import type { RunnerServices } from "./RunState.js"
import * as SinkWishes from "./SinkWishes.js"

/** Files that share a look-up: enough that a statement costs little by file, few enough for a turn of the event loop. */
const FILES_A_BATCH = 1_000

/** A file whose content is known, and the plan that it is done under. */
interface KnownFile extends KnownResults.KnownFile {
  readonly plan: number | undefined
}

const KNOWN = `SELECT item.id AS id, content_hash, plan FROM json_each(?) AS asked CROSS JOIN item ON item.id = asked.value
  LEFT JOIN item_state ON item_state.item = item.id AND pipeline = ? AND state = 'done'`

/** Whether every sink can be asked about many files at once. */
const answersInBatches = ({ sinks }: CompiledPlan): boolean =>
  sinks.every(({ stage: { sink } }) => {
    if (sink?.batch !== undefined) return sink.corrections === undefined || sink.batch.corrections !== undefined
    return [sink?.isExcluded, sink?.isWritten, sink?.notes, sink?.corrections].every((answer) => answer === undefined)
  })

/**
 * Plans for files whose content is known. No file is opened, nothing is written and no lock taken, so that a plan over a whole library
 * costs little more than counting its rows.
 *
 * @param rerun places of nodes that are asked again whatever is known
 * @returns plans for files, and gives back those that a run has to look at: one of `dryRun.runs` has to run first, or they changed
 */
export const make = (
  shared: RunnerServices,
  compiled: CompiledPlan,
  rerun: ReadonlySet<number>,
  dryRun: Pick<DryRun, "planned" | "runs">
): ((files: ReadonlyArray<Found>) => Effect.Effect<ReadonlyArray<Found>, StoreError>) => {
  const { budget, database } = shared
  const isAble = answersInBatches(compiled)
  const runsFirst = compiled.nodes.filter(({ planned }) => dryRun.runs.has(planned.name)).map(({ index }) => index)
  const done = new DoneUnder(compiled, rerun, database.rows)
  const results = KnownResults.make(shared, compiled, rerun)

  const parted = (files: ReadonlyArray<Found>): { readonly known: ReadonlyArray<KnownFile>; readonly left: Array<Found> } => {
    const ids = files.flatMap(({ item, status }) => (item === undefined || status !== "unfinished" ? [] : [item]))
    const rows = ids.length === 0 ? [] : database.rows(KNOWN, [JSON.stringify(ids), compiled.plan.pipeline])
    const byId = new Map(rows.map((row) => [row["id"], row]))
    const known: Array<KnownFile> = []
    const left: Array<Found> = []
    for (const file of files) {
      const { item, status } = file
      const row = status === "unfinished" && item !== undefined ? byId.get(item) : undefined
      const contentHash = row?.["content_hash"]
      if (row === undefined || item === undefined || typeof contentHash !== "string") left.push(file)
      else known.push({ file, item, contentHash, plan: typeof row["plan"] === "number" ? row["plan"] : undefined })
    }
    return { known, left }
  }

  /** A file with what it needs; its values are looked up when somebody asks for them. */
  const tell = (known: KnownFile, steps: ReadonlyArray<PlannedStep>, failure: PlannedItem["failure"] = () => undefined) =>
    dryRun.planned({
      item: known.item,
      path: known.file.path,
      size: Number(known.file.size),
      contentHash: known.contentHash,
      steps,
      value: (index) => ItemCompletion.valueOf(shared, results.upTo(known, index), index),
      failure
    })

  /** Plans for files by what all files of their plans need; gives those that have to be looked up, by what stands for them. */
  const byPlan = (
    files: ReadonlyArray<KnownFile>,
    isSpecial: (file: KnownFile) => boolean,
    left: Array<Found>
  ): ReadonlyMap<Needed | undefined, ReadonlyArray<KnownFile>> => {
    const others = new Map<Needed | undefined, Array<KnownFile>>()
    for (const known of files) {
      const needed = known.plan === undefined || isSpecial(known) ? undefined : done.needed(known.plan, known.contentHash)
      const steps = needed?.steps
      if (steps === undefined) {
        const alike = others.get(needed) ?? []
        others.set(needed, alike)
        alike.push(known)
      } else if (runsFirst.some((index) => steps[index] === "toRun")) left.push(known.file)
      else tell(known, steps)
    }
    return others
  }

  const batch = (files: ReadonlyArray<Found>) =>
    Effect.gen(function* () {
      const { known, left } = yield* database.reading(() => parted(files))
      const contents = known.map(({ contentHash }) => contentHash)
      const excluded = yield* SinkWishes.excludedOf(compiled.sinks, contents)
      const byContent = yield* SinkWishes.allWishes(compiled, contents)
      const others = yield* database.reading(() =>
        byPlan(known, ({ contentHash }) => excluded.has(contentHash) || byContent.has(contentHash), left)
      )
      for (const [needed, some] of others) {
        const looked = yield* results.look(some, { byContent, excluded }, needed?.stands)
        for (const [i, context] of looked.entries()) {
          const known = some[i]
          if (known === undefined) continue
          if (runsFirst.some((index) => context.outcomes[index]?._tag === "Left")) left.push(known.file)
          else if (needed === undefined) ItemCompletion.plan(dryRun, shared, context)
          else tell(known, ItemCompletion.stepsOf(context), (index) => ItemCompletion.failureOf(context, index))
        }
      }
      yield* budget.yieldToEventLoop
      return left
    })

  return (files) => {
    if (!isAble) return Effect.succeed(files)
    const batches = Array.from({ length: Math.ceil(files.length / FILES_A_BATCH) }, (_, i) =>
      files.slice(i * FILES_A_BATCH, (i + 1) * FILES_A_BATCH)
    )
    return Effect.map(Effect.forEach(batches, batch), (left) => left.flat())
  }
}
