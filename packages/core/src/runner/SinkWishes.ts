import { Effect } from "effect"
import type { Note } from "../stage/Node.js"
import type { SinkBatch } from "../stage/SinkAnswers.js"
import type { StageFailure } from "../stage/Failure.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"

type Batch = SinkBatch<StageFailure, never>
type NotesByNode = ReadonlyMap<string, Note>

const none: NotesByNode = new Map()
const nothing: ReadonlySet<string> = new Set()
const noNotes: ReadonlyMap<string, NotesByNode> = new Map()

/** What a sink says, or what holds where it can't: when it then runs, it says what is wrong. */
const asked = <A>(ask: () => Effect.Effect<A, StageFailure>, otherwise: A): Effect.Effect<A> =>
  Effect.catchAllCause(Effect.suspend(ask), () => Effect.succeed(otherwise))

/** Whether there is nobody left to keep what would come out. A sink that can't say it wants it. */
export const isExcluded = (sinks: ReadonlyArray<CompiledNode>, contentHash: string): Effect.Effect<boolean> =>
  Effect.every(sinks, ({ stage: { sink } }) => asked(() => sink?.isExcluded?.(contentHash) ?? Effect.succeed(false), false))

/** Notes for nodes that take them, by their place in the plan. */
const byPlace = ({ nodes }: CompiledPlan, found: ReadonlyArray<NotesByNode>): Map<number, Note> => {
  const notes = new Map<number, Note>()
  for (const [name, note] of found.flatMap((each) => [...each])) {
    const node = nodes.find(({ planned }) => planned.name === name)
    if (node?.planned.stage.takesNotes === true) notes.set(node.index, note)
  }
  return notes
}

/** By a node's place in the plan, what people asked it to mind. A sink that can't say has none. */
export const notesOf = (compiled: CompiledPlan, contentHash: string): Effect.Effect<Map<number, Note>> =>
  Effect.map(
    Effect.forEach(compiled.sinks, ({ stage: { sink } }) =>
      asked(() => sink?.notes?.(compiled.plan.pipeline, contentHash) ?? Effect.succeed(none), none)
    ),
    (found) => byPlace(compiled, found)
  )

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

/** By content, what {@link notesOf} gives, of sinks that answer in batches; contents without notes are left out. */
export const allNotes = (
  compiled: CompiledPlan,
  contentHashes: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, Map<number, Note>>> =>
  Effect.map(
    Effect.forEach(compiled.sinks, ({ stage: { sink } }) =>
      asked(() => sink?.batch?.notes(compiled.plan.pipeline, contentHashes) ?? Effect.succeed(noNotes), noNotes)
    ),
    (answers) =>
      new Map(
        [...new Set(answers.flatMap((notes) => [...notes.keys()]))].map((content) => [
          content,
          byPlace(
            compiled,
            answers.map((notes) => notes.get(content) ?? none)
          )
        ])
      )
  )

/** Those of a sink's keys whose rows are there. A receipt that can't be read is none. */
export const writtenOf = (
  batch: Batch | undefined,
  place: { readonly pipeline: string; readonly node: string },
  keys: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>> => asked(() => batch?.written(place, keys) ?? Effect.succeed(nothing), nothing)
