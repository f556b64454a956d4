import { Effect, Option, Schema } from "effect"
import { Database } from "../store/Database.js"
import type { StoreError } from "../store/StoreError.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"

/** A step that is paid for, and has an input now that it didn't have before, or the other way round. */
export interface Rewired {
  readonly node: string
  readonly gained: ReadonlyArray<string>
  readonly lost: ReadonlyArray<string>
  /** Files that have its results from before: of these something else may be asked now. */
  readonly files: number
}

/** The plans that a pipeline's files stand under. */
const STANDING = `SELECT plan.description, count(*) AS files FROM item_state JOIN plan ON plan.id = item_state.plan
  JOIN item ON item.id = item_state.item
WHERE item_state.pipeline = ? AND item_state.plan <> ? AND item.gone_at = 0 GROUP BY plan.id`

const Description = Schema.parseJson(
  Schema.Struct({
    nodes: Schema.Array(
      Schema.Struct({ name: Schema.String, inputs: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) }) })
    )
  })
)
type Inputs = Readonly<Record<string, ReadonlyArray<string>>>

const wired = (inputs: Inputs): ReadonlySet<string> =>
  new Set(Object.entries(inputs).flatMap(([port, nodes]) => (nodes.length > 0 ? [port] : [])))

/** Ports that are wired in one of two only. */
const difference = (now: Inputs, before: Inputs): Pick<Rewired, "gained" | "lost"> => {
  const [is, was] = [wired(now), wired(before)]
  return { gained: [...is].filter((port) => !was.has(port)), lost: [...was].filter((port) => !is.has(port)) }
}

/** Which ask for money. */
const isPaid = ({ planned: { stage } }: CompiledNode): boolean => stage.estimate !== undefined

/** The steps of a plan whose wiring makes files that are done be paid for again. */
export const rewired = ({
  id,
  nodes,
  plan: { pipeline }
}: CompiledPlan): Effect.Effect<ReadonlyArray<Rewired>, StoreError, Database> =>
  Effect.flatMap(Database, (database) =>
    database.reading(() => {
      const standing = database.rows(STANDING, [pipeline, id]).flatMap(({ description, files }) =>
        Option.match(Schema.decodeUnknownOption(Description)(description), {
          onNone: () => [],
          onSome: ({ nodes }) => [{ files: Number(files), inputs: new Map(nodes.map(({ inputs, name }) => [name, inputs])) }]
        })
      )
      return nodes.filter(isPaid).flatMap(({ planned: { inputs: now, name: node } }) => {
        const changed = standing.flatMap(({ files, inputs }) => {
          const before = inputs.get(node)
          const change = before === undefined ? { gained: [], lost: [] } : difference(now, before)
          return change.gained.length + change.lost.length === 0 ? [] : [{ ...change, files }]
        })
        const [first] = changed
        return first === undefined ? [] : [{ node, ...first, files: changed.reduce((sum, { files }) => sum + files, 0) }]
      })
    })
  )
