import { Effect } from "effect"
import type { Note } from "../stage/Node.js"
import type { Correct, SinkBatch } from "../stage/SinkAnswers.js"
import type { StageFailure } from "../stage/Failure.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"

type Batch = SinkBatch<StageFailure, never>
type ByNode<A> = ReadonlyMap<string, A>

/** What people said of one content, by a node's place in the plan. */
export interface ItemWishes {
  /** What the node is to mind. */
  readonly notes: ReadonlyMap<number, Note>
  /** What stands in the place of what the node said. */
  readonly corrections: ReadonlyMap<number, Correct>
}

const none = new Map<string, never>()
const nothing: ReadonlySet<string> = new Set()
const noContents = new Map<string, ByNode<never>>()

/** What a sink says, or what holds where it can't: when it then runs, it says what is wrong. */
const asked = <A>(ask: () => Effect.Effect<A, StageFailure>, otherwise: A): Effect.Effect<A> =>
  Effect.catchAllCause(Effect.suspend(ask), () => Effect.succeed(otherwise))

/** Whether there is nobody left to keep what would come out. A sink that can't say it wants it. */
export const isExcluded = (sinks: ReadonlyArray<CompiledNode>, contentHash: string): Effect.Effect<boolean> =>
  Effect.every(sinks, ({ stage: { sink } }) => asked(() => sink?.isExcluded?.(contentHash) ?? Effect.succeed(false), false))

/** Whether any node wants to know of corrections: where none does, no sink is asked for them. */
const takesCorrections = ({ nodes }: CompiledPlan): boolean => nodes.some(({ planned: { stage } }) => stage.takesCorrections)

/** What sinks said, for nodes of this plan; notes go to those alone that take them. */
const wishesIn = (
  { nodes }: CompiledPlan,
  notes: ReadonlyArray<ByNode<Note>>,
  corrections: ReadonlyArray<ByNode<Correct>>
): ItemWishes | undefined => {
  const byPlace = <A>(answers: ReadonlyArray<ByNode<A>>, takes: (node: CompiledNode) => boolean) =>
    new Map(
      answers.flatMap((answer) =>
        [...answer].flatMap(([name, said]): ReadonlyArray<[number, A]> => {
          const node = nodes.find(({ planned }) => planned.name === name)
          return node !== undefined && takes(node) ? [[node.index, said]] : []
        })
      )
    )
  const wishes = {
    notes: byPlace(notes, ({ planned }) => planned.stage.takesNotes),
    corrections: byPlace(corrections, () => true)
  }
  return wishes.notes.size + wishes.corrections.size === 0 ? undefined : wishes
}

/** What people said of a content; `undefined`: nothing. A sink that can't say has none. */
export const wishesOf = (compiled: CompiledPlan, contentHash: string): Effect.Effect<ItemWishes | undefined> =>
  Effect.gen(function* () {
    const { pipeline } = compiled.plan
    const notes = yield* Effect.forEach(compiled.sinks, ({ stage: { sink } }) =>
      asked<ByNode<Note>>(() => sink?.notes?.(pipeline, contentHash) ?? Effect.succeed(none), none)
    )
    if (!takesCorrections(compiled)) return wishesIn(compiled, notes, [])
    const corrections = yield* Effect.forEach(compiled.sinks, ({ stage: { sink } }) =>
      asked<ByNode<Correct>>(() => sink?.corrections?.(pipeline, contentHash) ?? Effect.succeed(none), none)
    )
    return wishesIn(compiled, notes, corrections)
  })

/** Those of the contents that {@link isExcluded} holds of, of sinks that answer in batches. */
export const excludedOf = (
  sinks: ReadonlyArray<CompiledNode>,
  contentHashes: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>> =>
  sinks.length === 0
    ? Effect.succeed(nothing)
    : Effect.map(
        Effect.forEach(sinks, ({ stage: { sink } }) =>
          asked(() => sink?.batch?.excluded(contentHashes) ?? Effect.succeed(nothing), nothing)
        ),
        (answers) => new Set(contentHashes.filter((content) => answers.every((excluded) => excluded.has(content))))
      )

/** By content, what {@link wishesOf} gives, of sinks that answer in batches; contents of which nobody said anything are left out. */
export const allWishes = (
  compiled: CompiledPlan,
  contentHashes: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, ItemWishes>> =>
  Effect.gen(function* () {
    const { pipeline } = compiled.plan
    type ByContent<A> = ReadonlyMap<string, ByNode<A>>
    const notes = yield* Effect.forEach(compiled.sinks, ({ stage: { sink } }) =>
      asked<ByContent<Note>>(() => sink?.batch?.notes(pipeline, contentHashes) ?? Effect.succeed(noContents), noContents)
    )
    const corrections = yield* Effect.forEach(takesCorrections(compiled) ? compiled.sinks : [], ({ stage: { sink } }) =>
      asked<ByContent<Correct>>(
        () => sink?.batch?.corrections?.(pipeline, contentHashes) ?? Effect.succeed(noContents),
        noContents
      )
    )
    const contents = new Set([...notes, ...corrections].flatMap((answer) => [...answer.keys()]))
    return new Map(
      [...contents].flatMap((content) => {
        const wishes = wishesIn(
          compiled,
          notes.map((answer) => answer.get(content) ?? none),
          corrections.map((answer) => answer.get(content) ?? none)
        )
        return wishes === undefined ? [] : [[content, wishes]]
      })
    )
  })

/** Those of a sink's keys whose rows are there. A receipt that can't be read is none. */
export const writtenOf = (
  batch: Batch | undefined,
  place: { readonly pipeline: string; readonly node: string },
  keys: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>> => asked(() => batch?.written(place, keys) ?? Effect.succeed(nothing), nothing)
