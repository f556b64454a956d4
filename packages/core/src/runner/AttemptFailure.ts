import { Cause, Effect, Inspectable, Option, Schema } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import * as Failure from "../stage/Failure.js"
import { identifierOf, isKind, type Kind } from "../stage/Kind.js"
import { AttemptError } from "./AttemptError.js"
import type { AnyStage } from "../stage/Stage.js"

/** A stage that was run, and the plugin that gives it. */
export interface RunStage {
  readonly stage: AnyStage
  readonly plugin?: string | undefined
}

/** `'loud' of the plugin 'levels'`: whose fault it is. */
const titleOf = ({ plugin, stage }: RunStage): string =>
  `'${stage.name}'${plugin === undefined ? "" : ` of the plugin '${plugin}'`}`

/** A failure that the stage declares. TypeScript sees to it; a plugin that was only transpiled may fail with anything. */
const declared = (failure: StageFailure, run: RunStage): StageFailure => {
  if (failure instanceof AttemptError || Schema.is(run.stage.error)(failure)) return failure
  const value: unknown = failure
  const what = Failure.is(value)
    ? `${value.code}: ${value.message}`
    : value instanceof Error
      ? String(value)
      : Inspectable.toStringUnknown(value, 0)
  return new AttemptError({
    code: "ErrorNotDeclared",
    detail: `the stage ${titleOf(run)} fails with an error that it does not declare: ${what}`
  })
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const isEffect = (work: unknown): boolean => Effect.isEffect(work)

/** What a stage's `run` gives that is no Effect. */
const notAnEffect = (value: unknown, run: RunStage): AttemptError => {
  // Its own failure would be nobody's.
  if (isThenable(value)) void Promise.resolve(value).catch(() => undefined)
  const [what, way] = isThenable(value)
    ? ["a promise", "Effect.promise(async () => …)"]
    : [Schema.is(run.stage.output)(value) ? "its output" : "something else", "Effect.succeed(…) or Effect.gen"]
  return new AttemptError({
    code: "StageBroke",
    detail: `the \`run\` of the stage ${titleOf(run)} gives ${what} in the place of an Effect: write ${way}`
  })
}

/** What a stage's `run` gave, which is no Effect now and then: TypeScript sees to it, JavaScript has nobody else. */
export const workOf = <A, E, R>(run: RunStage, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  isEffect(work) ? work : Effect.die(notAnEffect(work, run))

/** A line of a stack that says nothing about the stage: it is in Effect, or in the command's bundle. */
const OUR_FRAME = /node_modules[/\\]effect[/\\]|[/\\]dist[/\\]bundle[/\\]/

/**
 * A failure of any sort as one of a stage.
 *
 * @param isElsewhere it ran on another machine, which has failures of its own, and has told the stage's by this already
 */
export const failureOf = (cause: Cause.Cause<StageFailure>, run: RunStage, isElsewhere: boolean): StageFailure => {
  const typed = Cause.failureOption(cause)
  if (Option.isSome(typed)) return isElsewhere ? typed.value : declared(typed.value, run)
  const defect = Cause.dieOption(cause)
  if (Option.isSome(defect) && Failure.is(defect.value)) return defect.value
  const lines = Cause.pretty(cause).split("\n", 3)
  const broke = lines.filter((line) => !OUR_FRAME.test(line)).map((line) => line.trim())
  return new AttemptError({ code: "StageBroke", detail: `the stage ${titleOf(run)} broke: ${broke.join(" ")}` })
}

/** What stands in the place of the stage's kind: another kind, by its class, for a tag may be anybody's; or no kind at all. */
const insteadOf = (expected: Kind, value: unknown): string | undefined => {
  const isExpected: (value: unknown) => boolean = Schema.is(expected)
  if (isExpected(value)) return undefined
  const isObject = typeof value === "object" && value !== null
  const kind: unknown = isObject ? value.constructor : undefined
  if (!isKind(kind)) return isObject ? "a plain object" : Inspectable.toStringUnknown(value, 0)
  return identifierOf(kind) === identifierOf(expected) ? undefined : identifierOf(kind)
}

/** An output that can't be kept. */
export const notValid = (cause: unknown, value: unknown, run: RunStage): AttemptError => {
  const expected = run.stage.output
  const another = insteadOf(expected, value)
  const why =
    another === undefined
      ? `no valid ${expected._tag}: ${cause instanceof Error ? cause.message : String(cause)}`
      : `${another} instead of ${identifierOf(expected)}`
  return new AttemptError({ code: "OutputNotValid", detail: `the stage ${titleOf(run)} gives ${why}` })
}
