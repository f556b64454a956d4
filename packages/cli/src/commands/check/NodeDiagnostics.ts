import {
  type Diagnostic,
  eraseStage,
  Node,
  Plan,
  type Project,
  type RegisteredStage,
  type SecretRef,
  type StageFailure
} from "@mediaspool/core"
import { Cause, Effect, Exit, Option } from "effect"
import * as PluginServices from "../../PluginServices.js"

/** A node of some pipeline, with its stage as it was registered. */
export interface PlacedNode {
  readonly pipeline: string
  readonly plan: Plan.Plan
  readonly node: Plan.PlannedNode
  readonly registered: RegisteredStage | undefined
}

/** Every node of every pipeline. */
export const nodesOf = ({ pipelines, registry }: Project.Project): ReadonlyArray<PlacedNode> =>
  [...pipelines.values()].flatMap(({ plan }) =>
    plan.nodes.map((node) => ({
      pipeline: plan.pipeline,
      plan,
      node,
      registered: [...registry.stages.values()].find(({ stage }) => stage === node.stage)
    }))
  )

const faultAt = (
  project: Project.Project,
  { node, pipeline }: PlacedNode,
  { code, message }: StageFailure
): Diagnostic.Diagnostic => project.faultAt(["pipelines", pipeline, "stages", node.name], `${message} (${code})`)

/** What a question came to: an answer, a fault of the config, or neither. */
interface Asked<A> {
  readonly answer: A | undefined
  readonly fault: Diagnostic.Diagnostic | undefined
}

/**
 * Asks a node's stage something before anything runs, with its own plugin's services alone. What needs more than these, or breaks,
 * says nothing here: the run will.
 */
const ask = <A>(
  project: Project.Project,
  placed: PlacedNode,
  question: Effect.Effect<A, StageFailure> | undefined
): Effect.Effect<Asked<A>> => {
  const nothing: Asked<A> = { answer: undefined, fault: undefined }
  const { registered } = placed
  if (registered === undefined || question === undefined) return Effect.succeed(nothing)
  const answered = question.pipe(
    Effect.provideService(Node, Plan.nodeService(placed.plan, placed.node)),
    Effect.provide(PluginServices.layer(project, registered.plugin))
  )
  return Effect.map(Effect.exit(answered), (exit) => {
    if (Exit.isSuccess(exit)) return { answer: exit.value, fault: undefined }
    const failure = Option.filter(Cause.failureOption(exit.cause), isStageFailure)
    return Option.isSome(failure) ? { answer: undefined, fault: faultAt(project, placed, failure.value) } : nothing
  })
}

const isStageFailure = (error: unknown): error is StageFailure =>
  typeof error === "object" && error !== null && "code" in error && "message" in error && "retry" in error

/** What stages say is wrong with their config, beyond what its schema sees: a provider that nobody knows, a model that it hasn't. */
export const nodeFaults = (
  project: Project.Project,
  nodes: ReadonlyArray<PlacedNode>
): Effect.Effect<ReadonlyArray<Diagnostic.Diagnostic>> =>
  Effect.map(
    Effect.forEach(nodes, (placed) => ask(project, placed, eraseStage(placed.node.stage).keyParts?.(placed.node.config))),
    (asked) => asked.flatMap(({ fault }) => fault ?? [])
  )

/** Where the secrets are that the nodes will ask for. */
export const nodeSecrets = (
  project: Project.Project,
  nodes: ReadonlyArray<PlacedNode>
): Effect.Effect<ReadonlyArray<{ readonly placed: PlacedNode; readonly secret: SecretRef }>> =>
  Effect.map(
    Effect.forEach(nodes, (placed) =>
      Effect.map(ask(project, placed, eraseStage(placed.node.stage).secrets?.(placed.node.config)), ({ answer = [] }) =>
        answer.map((secret) => ({ placed, secret }))
      )
    ),
    (found) => found.flat()
  )
