import { Effect } from "effect"
import type { Note } from "../stage/Node.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"

const none: ReadonlyMap<string, Note> = new Map()

/** Whether there is nobody left to keep what would come out. A sink that can't say it wants it: it then says what is wrong. */
export const isExcluded = (sinks: ReadonlyArray<CompiledNode>, contentHash: string): Effect.Effect<boolean> =>
  Effect.every(sinks, ({ stage: { sink } }) =>
    Effect.catchAllCause(
      Effect.suspend(() => sink?.isExcluded?.(contentHash) ?? Effect.succeed(false)),
      () => Effect.succeed(false)
    )
  )

/** By a node's place in the plan, what people asked it to mind. A sink that can't say has none: it then says what is wrong. */
export const notesOf = ({ nodes, plan, sinks }: CompiledPlan, contentHash: string): Effect.Effect<Map<number, Note>> =>
  Effect.map(
    Effect.forEach(sinks, ({ stage: { sink } }) =>
      sink?.notes === undefined
        ? Effect.succeed(none)
        : Effect.catchAllCause(sink.notes(plan.pipeline, contentHash), () => Effect.succeed(none))
    ),
    (found) => {
      const notes = new Map<number, Note>()
      for (const [name, note] of found.flatMap((each) => [...each])) {
        const node = nodes.find(({ planned }) => planned.name === name)
        if (node?.planned.stage.takesNotes === true) notes.set(node.index, note)
      }
      return notes
    }
  )
