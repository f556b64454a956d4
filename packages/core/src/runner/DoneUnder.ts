import { Option, Schema } from "effect"
import * as Key from "../pipeline/Key.js"
import type { Row, Value } from "../stage/Library.js"
import * as EmbeddedFiles from "../stage/EmbeddedFiles.js"
import * as Port from "../stage/Port.js"
import type { CompiledNode, CompiledPlan } from "./CompiledPlan.js"
import type { PlannedStep } from "./RunOptions.js"

const Description = Schema.parseJson(
  Schema.Struct({
    nodes: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        key: Schema.String,
        inputs: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) })
      })
    ),
    folder: Schema.NullOr(Schema.String)
  })
)
type Description = typeof Description.Type

const sameInputs = (a: Readonly<Record<string, ReadonlyArray<string>>>, b: typeof a): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([port, nodes]) => b[port]?.length === nodes.length && b[port].every((node, i) => node === nodes[i]))

/** Whether a node gives the same as under the other plan: it is the same, and so is all that it rests on. */
const isAsBefore = (
  { planned, ports, prefix }: CompiledNode,
  folder: string | null,
  before: Description,
  stands: ReadonlyArray<boolean>
): boolean => {
  const former = before.nodes.find(({ name }) => name === planned.name)
  return (
    former !== undefined &&
    former.key === Key.preimage(prefix, {}) &&
    sameInputs(planned.inputs, former.inputs) &&
    ports.every(({ from }) => from.every(({ index }) => stands[index] === true)) &&
    (before.folder === folder || ports.every(({ source }) => source !== "location"))
  )
}

/** A result that another content may have given too: none of what it was made from leads to a file. */
const mayBeShared = ({ planned: { stage }, ports }: CompiledNode): boolean =>
  ports.every(
    ({ name, source }) =>
      source === undefined && Port.of(stage.input[name]).kinds.every((kind) => EmbeddedFiles.of(kind).length === 0)
  )

/** Contents for which a node was skipped: what rests on it is skipped with it. */
const SKIPPED = `SELECT DISTINCT node, content_hash FROM attempt JOIN item ON item.id = attempt.item WHERE outcome = 'skipped'`

/** Whether a node with this key template has ever been in a run that runs nodes. */
const RAN = `SELECT 1 FROM plan, json_each(plan.description, '$.nodes') AS node WHERE json_extract(node.value, '$.key') = ?
  AND EXISTS (SELECT 1 FROM run WHERE run.plan = plan.id AND (summary IS NULL OR json_extract(summary, '$.purpose') IS NOT 'plan')) LIMIT 1`

/** What files that are done under one plan need under another. */
export interface Needed {
  /** By node: whether its result, and all that this rests on, is as before. */
  readonly stands: ReadonlyArray<boolean>
  /** By node; `undefined` where what is edited may have run for some of the files. */
  readonly steps: ReadonlyArray<PlannedStep> | undefined
}

/**
 * What a file that is done under one plan of the pipeline needs under another.
 *
 * A file that is done has a result of every node. Where a node of its plan is as it was, and so is everything before it, the result is
 * there still; what comes after an edit has to run. That is the same for all files of a plan, so that nothing is looked up by file. Files
 * of results are taken to be there: a run makes those that are missing again.
 */
export class DoneUnder {
  private readonly known = new Map<number, Needed | undefined>()
  private skipped: ReadonlySet<string> | "any" | undefined

  /** @param rerun places of nodes that are asked again whatever is known */
  constructor(
    private readonly compiled: CompiledPlan,
    private readonly rerun: ReadonlySet<number>,
    private readonly rows: (sql: string, values: ReadonlyArray<Value>) => ReadonlyArray<Row>
  ) {}

  /** `undefined` where it takes a look at all of the file's results. Synchronous: a short read now and then. */
  needed(plan: number, contentHash: string): Needed | undefined {
    if (!this.known.has(plan)) this.known.set(plan, this.neededUnder(plan))
    const needed = this.known.get(plan)
    if (needed === undefined) return undefined
    const skipped = (this.skipped ??= this.contentsSkipped())
    return skipped === "any" || skipped.has(contentHash) ? undefined : needed
  }

  private neededUnder(id: number): Needed | undefined {
    const { nodes, plan } = this.compiled
    const [row] = this.rows("SELECT description FROM plan WHERE id = ?", [id])
    const before = Option.getOrUndefined(Schema.decodeUnknownOption(Description)(row?.["description"]))
    if (before === undefined) return undefined
    const readsNames = nodes.some(({ ports }) => ports.some(({ source }) => source === "location"))
    const folder = readsNames ? (plan.source?.folder ?? null) : null
    const stands: Array<boolean> = []
    for (const node of nodes) stands.push(!this.rerun.has(node.index) && isAsBefore(node, folder, before, stands))
    // What an edit on trial holds back is known by file.
    if (nodes.some(({ isHeld }, i) => isHeld && stands[i] !== true)) return undefined
    // So is what an edit has given already, where it was tried, or ran for some, or is taken back.
    const edited = nodes.filter(
      ({ index, ports }) =>
        stands[index] !== true &&
        !this.rerun.has(index) &&
        ports.every(({ from }) => from.every(({ index }) => stands[index] === true))
    )
    const hasRun = edited.some(({ prefix }) => this.rows(RAN, [Key.preimage(prefix, {})]).length > 0)
    return { stands, steps: hasRun ? undefined : stands.map((stands) => (stands ? "cached" : "toRun")) }
  }

  private contentsSkipped(): ReadonlySet<string> | "any" {
    const found = this.rows(SKIPPED, [])
    const shared = new Set(this.compiled.nodes.filter(mayBeShared).map(({ planned }) => planned.name))
    return found.some((row) => shared.has(String(row["node"]))) ? "any" : new Set(found.map((row) => String(row["content_hash"])))
  }
}
