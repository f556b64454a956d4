import { Duration, Effect, Either, Option, Schema } from "effect"
import * as Canonical from "../pipeline/Canonical.js"
import * as Digest from "../pipeline/Digest.js"
import * as Identity from "../pipeline/Identity.js"
import * as Key from "../pipeline/Key.js"
import { nodeService, type Plan, type PlannedNode, SOURCE } from "../pipeline/Plan.js"
import type { StageFailure } from "../stage/Failure.js"
import type { Json } from "../stage/Json.js"
import { identifierOf, type Kind } from "../stage/Kind.js"
import { Location } from "../stage/FileRef.js"
import { Node } from "../stage/Node.js"
import * as Port from "../stage/Port.js"
import type { Canary } from "../store/CanaryLog.js"
import type { Ledger } from "../store/Ledger.js"
import type { RunLog } from "../store/RunLog.js"
import type { StoreError } from "../store/StoreError.js"
import { AttemptError } from "./AttemptError.js"
import { erase, type ErasedStage } from "./ErasedStage.js"
import { PlanFault } from "./RunError.js"
import * as EmbeddedFiles from "../stage/EmbeddedFiles.js"
import * as StoredForm from "./StoredForm.js"

/** An input of a node: which nodes give it, by their place in the plan. */
export interface CompiledPort {
  readonly name: string
  readonly mode: Port.Mode
  /** What core itself gives. */
  readonly source: "original" | "location" | undefined
  readonly from: ReadonlyArray<{ readonly name: string; readonly index: number }>
}

/** A node with everything that can be worked out once. */
export interface CompiledNode {
  readonly index: number
  readonly planned: PlannedNode
  readonly stage: ErasedStage
  readonly prefix: Key.Prefix
  /** Its row; 0 for a sink, which has no results. */
  readonly recipe: number
  readonly ports: ReadonlyArray<CompiledPort>
  /** Whether its stage may read the original, so that the file has to be the hashed one still when it has. */
  readonly readsOriginal: boolean
  /** How many nodes it waits for. */
  readonly needs: number
  /** The nodes that wait for it. */
  readonly dependents: ReadonlyArray<number>
  /** A value in its stored form, as JSON, and what stands for it in keys. */
  readonly record: StoredForm.Recorder
  readonly decode: (encoded: unknown) => Either.Either<unknown, unknown>
  readonly form: StoredForm.StoredForm
  /** The outside service it leans on. */
  readonly resource: string
  /** An edit of it is on trial and what it was before can't be run any more: only results that are there are served. */
  readonly isHeld: boolean
}

/** A plan with what its keys need, and its row. */
export interface CompiledPlan {
  readonly plan: Plan
  /** `item_state.plan` of items that are done under this plan: a scan compares with it. */
  readonly id: number
  readonly nodes: ReadonlyArray<CompiledNode>
  /** The nodes that wait for no other. */
  readonly first: ReadonlyArray<CompiledNode>
  readonly sinks: ReadonlyArray<CompiledNode>
  /** Nodes whose edits are on trial: they are as they were before, whatever the config says. */
  readonly canaries: ReadonlyArray<string>
}

/** The places of nodes that are named, by their own name or their stage's. */
export const placesOf = ({ nodes }: CompiledPlan, names: ReadonlyArray<string>): ReadonlySet<number> =>
  new Set(
    nodes.filter(({ planned: { name, stage } }) => names.includes(name) || names.includes(stage.name)).map(({ index }) => index)
  )

/** A sink gets what others made of the file, and its hash: it reads no bytes. `all()` may give any kind. */
const readsOriginal = ({ stage }: PlannedNode): boolean =>
  !stage.sink &&
  Object.keys(stage.input).some((name) => {
    const { kinds, mode } = Port.of(stage.input[name])
    return (mode === "all" && kinds.length === 0) || kinds.some(EmbeddedFiles.holdsOriginal)
  })

const isLocation = (port: Port.Port): boolean => port.kinds.some((kind) => identifierOf(kind) === Location.identifier)

const portsOf = (node: PlannedNode, places: ReadonlyMap<string, number>): ReadonlyArray<CompiledPort> =>
  Object.keys(node.stage.input).map((name) => {
    const port = Port.of(node.stage.input[name])
    const from = node.inputs[name] ?? []
    return {
      name,
      mode: port.mode,
      source: !from.includes(SOURCE) ? undefined : isLocation(port) ? "location" : "original",
      from: from.flatMap((node) => {
        const index = places.get(node)
        return index === undefined ? [] : [{ name: node, index }]
      })
    }
  })

const decoder = (kind: Kind): CompiledNode["decode"] => {
  const decode = Schema.decodeUnknownEither(kind)
  return (encoded) => StoredForm.guarded(() => decode(encoded))
}

/** What else the node's output depends on. A sink's rows carry its pipeline and node, so its receipts do. */
const keyPartsOf = (plan: Plan, node: PlannedNode): Effect.Effect<Readonly<Record<string, Json>>, StageFailure> => {
  const declared = Effect.suspend(() => erase(node.stage).keyParts?.(node.config) ?? Effect.succeed({})).pipe(
    Effect.catchAllDefect((defect) => new AttemptError({ code: "StageBroke", detail: String(defect) })),
    Effect.provideService(Node, nodeService(plan, node))
  )
  const place = node.stage.sink ? { pipeline: plan.pipeline, node: node.name } : {}
  const owner = node.isQualified === true && node.plugin !== undefined ? { plugin: node.plugin } : {}
  return Effect.map(declared, (parts) => ({ ...parts, ...owner, ...place }))
}

interface PrefixedNode {
  readonly planned: PlannedNode
  readonly prefix: Key.Prefix
  readonly isHeld: boolean
}

const prefixed = (plan: Plan, planned: PlannedNode): Effect.Effect<PrefixedNode, StageFailure> =>
  Effect.flatMap(keyPartsOf(plan, planned), (keyParts) =>
    Effect.map(Key.prefix(planned, keyParts), (prefix) => ({ planned, prefix, isHeld: false }))
  )

/**
 * A node as it was before an edit that is on trial. Its config is made of its key template again, so that new files get what the others
 * have; where that gives another key (a prompt's file or a vocabulary was edited, or the stage is another version) it is held.
 */
const before = (plan: Plan, node: PrefixedNode, { before }: Canary): Effect.Effect<PrefixedNode> => {
  const { planned, prefix } = node
  const old = Key.prefixOf(before, prefix.ports)
  if (Option.isNone(old)) return Effect.succeed(node)
  const held: PrefixedNode = { planned, prefix: old.value, isHeld: true }
  return Option.flatMap(Key.parse(before), ({ config, stage, version }) =>
    stage === planned.stage.name && version === planned.stage.version
      ? Identity.restore(planned.stage.config, config, planned.config)
      : Option.none()
  ).pipe(
    Option.match({
      onNone: () => Effect.succeed(held),
      onSome: (restored) =>
        prefixed(plan, { ...planned, ...restored }).pipe(
          Effect.map((again) => (Key.preimage(again.prefix, {}) === before ? again : held)),
          Effect.orElseSucceed(() => held)
        )
    })
  )
}

/** Which plan it is: another fingerprint means that items have to be looked at again. */
const describe = (
  plan: Plan,
  nodes: ReadonlyArray<{ readonly planned: PlannedNode; readonly prefix: Key.Prefix }>,
  readsLocation: boolean
) =>
  Canonical.stringify({
    pipeline: plan.pipeline,
    nodes: nodes.map(({ planned, prefix }) => ({
      name: planned.name,
      key: Key.preimage(prefix, {}),
      inputs: planned.inputs
    })),
    // Names are relative to it.
    folder: readsLocation ? (plan.source?.folder ?? null) : null
  })

/**
 * Asks every stage what else its output depends on, and gives the plan and its recipes their rows.
 *
 * @param canaries of this plan: their nodes are compiled as they were before their edits
 */
export const make = (
  plan: Plan,
  store: { readonly ledger: Ledger["Type"]; readonly runs: RunLog["Type"] },
  canaries: ReadonlyArray<Canary> = []
): Effect.Effect<CompiledPlan, PlanFault | StoreError> =>
  Effect.gen(function* () {
    const places = new Map(plan.nodes.map(({ name }, index) => [name, index]))
    const asked = yield* Effect.forEach(plan.nodes, (planned) =>
      Effect.either(
        Effect.flatMap(prefixed(plan, planned), (node) => {
          const canary = canaries.find(({ node }) => node === planned.name)
          return canary === undefined || planned.stage.sink ? Effect.succeed(node) : before(plan, node, canary)
        })
      )
    )
    const faults = asked.flatMap((result, i) =>
      Either.isLeft(result) ? [{ node: plan.nodes[i]?.name ?? "", failure: result.left }] : []
    )
    if (faults.length > 0) return yield* new PlanFault({ pipeline: plan.pipeline, faults })
    const ready = asked.flatMap((result) => Option.toArray(Either.getRight(result)))
    const ports = plan.nodes.map((node) => portsOf(node, places))
    const needs = ports.map((ports) => new Set(ports.flatMap(({ from }) => from.map(({ index }) => index))))
    const nodes = yield* Effect.forEach(ready, ({ isHeld, planned, prefix }, index) =>
      Effect.gen(function* () {
        const { stage } = planned
        const preimage = Key.preimage(prefix, {})
        const { version } = Option.getOrElse(Key.parse(preimage), () => stage)
        const recipe = { digest: Digest.sha256(preimage), stage: stage.name, version, preimage }
        return {
          index,
          planned,
          stage: erase(stage),
          prefix,
          recipe: stage.sink ? 0 : yield* store.ledger.recipe(recipe),
          ports: ports[index] ?? [],
          readsOriginal: readsOriginal(planned),
          needs: needs[index]?.size ?? 0,
          dependents: plan.nodes.flatMap((_, other) => (needs[other]?.has(index) === true ? [other] : [])),
          record: StoredForm.recorder(stage.output),
          decode: decoder(stage.output),
          form: StoredForm.make(stage.output),
          resource: stage.resource?.(planned.config) ?? `stage:${stage.name}`,
          isHeld
        } satisfies CompiledNode
      })
    )
    const readsLocation = ports.some((ports) => ports.some(({ source }) => source === "location"))
    const description = yield* Effect.mapError(
      describe(plan, ready, readsLocation),
      (failure) => new PlanFault({ pipeline: plan.pipeline, faults: [{ node: plan.pipeline, failure }] })
    )
    return {
      plan,
      id: yield* store.runs.plan({
        pipeline: plan.pipeline,
        fingerprint: Digest.sha256(description),
        description,
        readsLocation
      }),
      nodes,
      first: nodes.filter(({ needs }) => needs === 0),
      sinks: nodes.filter(({ planned }) => planned.stage.sink),
      canaries: canaries.flatMap(({ before, node }) =>
        nodes.some(({ planned, prefix }) => planned.name === node && Key.preimage(prefix, {}) === before) ? [node] : []
      )
    }
  })

/** Milliseconds that a file waits here at most for a service that says when to come back; one that says more is asked sooner. */
const LONGEST_WORD_MILLIS = 60_000

/** What a node waits between two tries; the service's own word is the least. */
export const waitMillis = ({ retry }: PlannedNode, tries: number, failure: StageFailure, random: number): number => {
  const planned = Math.min(Duration.toMillis(retry.delay) * retry.factor ** (tries - 1), Duration.toMillis(retry.maxDelay))
  // Half of it by chance, so that many items don't come back at the same moment.
  return Math.max(Math.min(LONGEST_WORD_MILLIS, failure.retryAfterMillis ?? 0), planned * (0.5 + random / 2))
}
