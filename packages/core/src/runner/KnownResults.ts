import { Effect } from "effect"
import * as Key from "../pipeline/Key.js"
import type { StoreError } from "../store/StoreError.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"
import { heldOutcome } from "./heldOutcome.js"
import type { Found } from "./ItemIntake.js"
import { ItemValues } from "./ItemValues.js"
import type { Value } from "./NodeOutcome.js"
import { obstacle } from "./obstacle.js"
import type { ItemContext, RunnerServices } from "./RunState.js"
import * as SinkWishes from "./SinkWishes.js"
import * as StoredOutcome from "./StoredOutcome.js"

/** A file whose content is known. */
export interface KnownFile {
  readonly file: Found
  readonly item: number
  readonly contentHash: string
}

/** A file on its way through the plan. */
interface Looked {
  readonly known: KnownFile
  readonly context: ItemContext
  readonly values: ItemValues
  /** A result that is there wasn't found among those that were made for the file: they are looked up by their keys. */
  isUnsure: boolean
}

/** A node's key for a file. */
interface Asked {
  readonly looked: Looked
  readonly key: string
}

/** What sinks said of contents. */
interface Wishes {
  readonly excluded: ReadonlySet<string>
  readonly byContent: ReadonlyMap<string, SinkWishes.ItemWishes>
}

/** What stands for a result that is there, and that nothing asked for yet. */
const STANDS: Value = { _tag: "Value", key: "", digest: "", stored: undefined, file: undefined, made: undefined }

/** The results of a node that were made for files. */
const MADE = `SELECT asked.key AS place, digest FROM json_each(?) AS asked CROSS JOIN attempt ON attempt.item = asked.value AND node = ?
  CROSS JOIN ledger ON ledger.key = attempt.key WHERE recipe = ? AND ledger.outcome = 'value'`

/** What the ledger and the sinks know of files, node by node, with one look-up for many files. Nothing is run, written or locked. */
export interface KnownResults {
  /**
   * What files come to; a node that is to run is `Left`.
   *
   * @param stands by node: whether its result is known to be there for all of the files
   */
  readonly look: (
    files: ReadonlyArray<KnownFile>,
    wishes: Wishes,
    stands?: ReadonlyArray<boolean>
  ) => Effect.Effect<ReadonlyArray<ItemContext>, StoreError>
  /** What one file comes to, up to a node. Synchronous: a few short reads; sinks are not asked. */
  readonly upTo: (file: KnownFile, index: number) => ItemContext
}

/** @param rerun places of nodes that are asked again whatever is known */
export const make = (
  { artifacts, database, ledger }: Pick<RunnerServices, "artifacts" | "database" | "ledger">,
  compiled: CompiledPlan,
  rerun: ReadonlySet<number>
): KnownResults => {
  const state = { artifacts, compiled, verified: new Set<string>() }

  const enter = (known: KnownFile, wishes: SinkWishes.ItemWishes | undefined, stands: ReadonlyArray<boolean> = []): Looked => {
    const { contentHash, file, item } = known
    const context: ItemContext = {
      item,
      path: file.path,
      relativePath: file.relativePath,
      contentHash,
      stat: file,
      size: Number(file.size),
      outcomes: compiled.nodes.map(({ index }) => (stands[index] === true ? STANDS : undefined)),
      open: [],
      held: [],
      ...(wishes === undefined ? {} : { wishes })
    }
    return { known, context, values: new ItemValues(state, context), isUnsure: false }
  }

  /**
   * The digests of a node whose results stand, where another asks for them. The file's own attempts have it: without them each node
   * before it would be looked up by its key. Several results with different inputs don't tell which of them holds.
   */
  const recall = ({ index, planned, recipe }: CompiledNode, all: ReadonlyArray<Looked>): void => {
    const asked = all.filter(({ context }) => context.outcomes[index] === STANDS)
    if (asked.length === 0) return
    for (const { digest, place } of database.rows(MADE, [
      JSON.stringify(asked.map(({ known }) => known.item)),
      planned.name,
      recipe
    ])) {
      const looked = typeof place === "number" ? asked[place] : undefined
      if (looked === undefined || typeof digest !== "string") continue
      const known = looked.context.outcomes[index]
      if (known?._tag === "Value" && known !== STANDS && known.digest !== digest) looked.isUnsure = true
      looked.context.outcomes[index] = { ...STANDS, digest }
    }
    for (const looked of asked) looked.isUnsure ||= looked.context.outcomes[index] === STANDS
  }

  /** The keys of a node, for the files that get to it. */
  const ask = (node: CompiledNode, all: ReadonlyArray<Looked>): ReadonlyArray<Asked> => {
    const free = all.filter(({ context }) => {
      const blockedBy = obstacle(node, context)
      if (blockedBy !== undefined) context.outcomes[node.index] = blockedBy
      return blockedBy === undefined
    })
    for (const { from } of node.ports)
      for (const { index } of from) {
        const giver = compiled.nodes[index]
        if (giver !== undefined) recall(giver, free)
      }
    return free.flatMap((looked) => {
      const { context, isUnsure, values } = looked
      return isUnsure ? [] : [{ looked, key: Key.of(node.prefix, values.given(node), context.wishes?.notes.get(node.index)) }]
    })
  }

  /** What is known under keys of a node; results whose files are gone aren't. */
  const settle = (node: CompiledNode, asked: ReadonlyArray<Asked>): void => {
    const known = rerun.has(node.index) || asked.length === 0 ? undefined : ledger.findAll(asked.map(({ key }) => key))
    for (const { key, looked } of asked) {
      // What a person corrected comes with its value: the correction is made from it.
      const isCorrected = looked.context.wishes?.corrections.has(node.index) === true
      const entry = known?.has(key) === true && isCorrected ? ledger.find(key) : known?.get(key)
      const outcome = entry && StoredOutcome.of(key, entry)
      const stands = outcome?._tag !== "Value" || (entry?.artifacts ?? 0) === 0 || looked.values.filesStand(node, outcome)
      looked.context.outcomes[node.index] =
        outcome !== undefined && stands ? outcome : node.isHeld ? heldOutcome(node, key) : { _tag: "Left" }
    }
  }

  /** A sink runs again unless its receipt is there. */
  const settleSink = ({ index, planned, stage }: CompiledNode, asked: ReadonlyArray<Asked>): Effect.Effect<void> =>
    Effect.map(
      SinkWishes.writtenOf(
        rerun.has(index) || asked.length === 0 ? undefined : stage.sink?.batch,
        { pipeline: compiled.plan.pipeline, node: planned.name },
        asked.map(({ key }) => key)
      ),
      (written) => {
        for (const { key, looked } of asked)
          looked.context.outcomes[index] = written.has(key)
            ? { _tag: "Value", key, digest: key, stored: undefined, file: undefined, made: undefined }
            : { _tag: "Left" }
      }
    )

  const walk = (
    files: ReadonlyArray<KnownFile>,
    { byContent, excluded }: Wishes,
    stands: ReadonlyArray<boolean>
  ): Effect.Effect<ReadonlyArray<Looked>, StoreError> =>
    Effect.gen(function* () {
      const all = files.map((known) => enter(known, byContent.get(known.contentHash), stands))
      // What nobody wants keeps no outcome at all.
      let wanted: ReadonlyArray<Looked> = all.filter(({ known }) => !excluded.has(known.contentHash))
      for (const node of compiled.nodes) {
        if (stands[node.index] === true) continue
        const asked = yield* database.reading(() => ask(node, wanted))
        yield* node.planned.stage.sink ? settleSink(node, asked) : database.reading(() => settle(node, asked))
        if (stands.length > 0) wanted = wanted.filter(({ isUnsure }) => !isUnsure)
      }
      return all
    })

  return {
    look: (files, wishes, stands = []) =>
      Effect.gen(function* () {
        const looked = yield* walk(files, wishes, stands)
        const unsure = looked.filter(({ isUnsure }) => isUnsure).map(({ known }) => known)
        const sure = new Map(unsure.length === 0 ? [] : (yield* walk(unsure, wishes, [])).map((each) => [each.known, each]))
        return looked.map((each) => (sure.get(each.known) ?? each).context)
      }),
    upTo: (known, index) => {
      const looked = enter(known, undefined)
      for (const node of compiled.nodes.slice(0, index + 1)) if (!node.planned.stage.sink) settle(node, ask(node, [looked]))
      return looked.context
    }
  }
}
