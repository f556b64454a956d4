import { Cause, Context, Duration, Effect, Either, Option, Random } from "effect"
import { writeFile } from "node:fs/promises"
import { relative } from "node:path"
import * as Failure from "../stage/Failure.js"
import type { StageFailure } from "../stage/Failure.js"
import { ArtifactError, Artifacts } from "../stage/Artifacts.js"
import { Calls } from "../stage/Calls.js"
import type { Money, Usage } from "../stage/Cost.js"
import { Node } from "../stage/Node.js"
import { Progress } from "../stage/Progress.js"
import { Provenance } from "../stage/Provenance.js"
import type { Entry } from "../store/Ledger.js"
import { total } from "../store/CallLog.js"
import { encodeFailed, failed, type Outcome } from "./Outcome.js"
import { type ReadyNode, waitMillis } from "./ReadyPlan.js"
import { RunStopped } from "./RunError.js"
import type { RunState, Traveller } from "./RunState.js"

/** Values up to this many characters of JSON stand in the ledger; larger ones are artifacts. */
const INLINE = 64 * 1024
/** The slot of such a value. */
export const VALUE_SLOT = "value"

/** What a stage can't say of itself. */
export class AttemptError extends Failure.Class<AttemptError>()("AttemptError", {
  TimedOut: { retry: "now", help: "Raise the node's `timeout`, or look at why the stage takes so long for this file." },
  StageBroke: { retry: "now", help: "It is a fault of the stage: report it to its author, with the message." },
  OutputNotValid: {
    retry: "now",
    help: "The stage gave a value that its own kind refuses: it is a fault of the stage; report it to its author."
  }
}) {}

/** One node for one item, which nobody has done yet. */
export interface Task {
  readonly node: ReadyNode
  readonly traveller: Traveller
  readonly key: string
  /** The inputs' part of the key's preimage. */
  readonly preimage: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** What a try leaves behind besides its value. */
interface Trace {
  artifacts: number
  madeWith: string | undefined
  inputTokens: number
  outputTokens: number
  price: Money | undefined
}

const blank = (): Trace => ({ artifacts: 0, madeWith: undefined, inputTokens: 0, outputTokens: 0, price: undefined })

/** The services of one try. */
const provide = <A, E>(state: RunState, task: Task, trace: Trace, effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  const { key, node, traveller } = task
  const { item, path } = traveller
  const name = node.planned.name
  const services = new Map(state.context.unsafeMap)
  services.set(Node.key, { pipeline: state.ready.plan.pipeline, node: name, key })
  services.set(
    Calls.key,
    state.calls.of(
      { run: state.run, item, node: name },
      {
        paid: (usage: Usage | undefined, price: Money | undefined) => {
          trace.inputTokens += usage?.inputTokens ?? 0
          trace.outputTokens += usage?.outputTokens ?? 0
          if (price === undefined) return
          trace.price = trace.price === undefined ? price : (total([trace.price, price])[0] ?? price)
          state.tally.paid(price)
        }
      }
    )
  )
  services.set(Artifacts.key, {
    write: <A, E, R>(slot: string, extension: string, write: (path: string) => Effect.Effect<A, E, R>) =>
      Effect.tap(state.artifacts.write(key, slot, extension, write), () => Effect.sync(() => trace.artifacts++))
  })
  services.set(Progress.key, {
    report: (doneSeconds: number, totalSeconds: number) =>
      Effect.sync(() => {
        if (state.hub.isHeard()) state.hub.tell({ _tag: "Progress", item, path, node: name, doneSeconds, totalSeconds })
      })
  })
  services.set(Provenance.key, {
    madeWith: (program: string, version: string) =>
      Effect.sync(() => {
        const mark = `${program} ${version}`
        if (trace.madeWith?.split(", ").includes(mark) !== true)
          trace.madeWith = trace.madeWith === undefined ? mark : `${trace.madeWith}, ${mark}`
      })
  })
  const context = Context.unsafeMake<never>(services)
  return Effect.mapInputContext(effect, () => context)
}

/** A failure of any sort as one of a stage. */
const failureOf = (cause: Cause.Cause<StageFailure>): StageFailure => {
  const typed = Cause.failureOption(cause)
  if (Option.isSome(typed)) return typed.value
  const defect = Cause.dieOption(cause)
  if (Option.isSome(defect) && Failure.is(defect.value)) return defect.value
  return new AttemptError({ code: "StageBroke", detail: Cause.pretty(cause).split("\n", 3).join(" ") })
}

/** The value in its stored form, and what stands for it in keys. */
const encode = (state: RunState, { node }: Task, value: unknown) =>
  Either.flatMap(node.encode(value), (encoded) =>
    Either.map(node.digest(encoded), (digest) => ({
      digest,
      stored: JSON.stringify(node.form.strip(encoded, state.artifacts.folder))
    }))
  )

const notWritten = (cause: unknown): ArtifactError => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })

const notValid = (cause: unknown): AttemptError =>
  new AttemptError({ code: "OutputNotValid", detail: cause instanceof Error ? cause.message : String(cause) })

/** Writes a value that is too large for the ledger beside it; gives its place below the artifacts' folder. */
const writeLarge = (state: RunState, { key }: Task, stored: string): Effect.Effect<string, StageFailure> =>
  Effect.map(
    state.artifacts.write(key, VALUE_SLOT, "json", (path) =>
      Effect.tryPromise({ try: () => writeFile(path, stored), catch: notWritten })
    ),
    ({ artifact }) => relative(state.artifacts.folder, artifact.path)
  )

/** Tries until it is done, or its failure is one that trying again doesn't mend. Never fails, but when the run has to stop. */
export const attempt = (state: RunState, task: Task): Effect.Effect<Outcome, RunStopped> => {
  const { key, node, preimage, traveller } = task
  const { planned } = node
  const { item, path } = traveller
  const { hub, ledger, runs, tally } = state
  const breaker = state.breaker(node.resource)

  const remember = (entry: Pick<Entry, "outcome" | "value" | "file" | "digest">, { artifacts, madeWith }: Trace) => {
    if (!planned.stage.sink) ledger.put({ ...entry, key, recipe: node.recipe, inputs: preimage, artifacts, madeWith })
  }
  const rememberFailed = (outcome: "failed" | "skipped", failure: StageFailure, trace: Trace) =>
    remember({ outcome, value: encodeFailed(failed(failure)), file: undefined, digest: "" }, trace)

  const close = (
    outcome: "ran" | "skipped" | "failed" | "waiting",
    tries: number,
    began: number,
    trace: Trace,
    failure?: StageFailure
  ) => {
    const milliseconds = performance.now() - began
    runs.attempt({
      run: state.run,
      item,
      node: planned.name,
      key,
      try: tries,
      outcome,
      failure,
      startedAt: Math.round(performance.timeOrigin + began),
      milliseconds,
      inputTokens: trace.inputTokens,
      outputTokens: trace.outputTokens,
      price: trace.price
    })
    return milliseconds
  }

  const finish = (
    outcome: "ran" | "skipped" | "failed" | "waiting",
    milliseconds: number,
    trace: Trace,
    failure?: StageFailure
  ) => {
    tally.node(node.index, outcome)
    if (hub.isHeard())
      hub.tell({ _tag: "NodeFinished", item, path, node: planned.name, outcome, failure, milliseconds, price: trace.price })
  }

  const succeed = (value: unknown, tries: number, began: number, trace: Trace): Effect.Effect<Outcome, RunStopped> => {
    const encoded = encode(state, task, value)
    if (Either.isLeft(encoded)) return meet(notValid(encoded.left), tries, began, trace)
    const { digest, stored } = encoded.right
    const keep = (file: string | undefined): Outcome => {
      breaker.there()
      remember({ outcome: "value", value: file === undefined ? stored : undefined, file, digest }, trace)
      finish("ran", close("ran", tries, began, trace), trace)
      // What depends on a sink depends on what went into it, as its receipt does.
      return { _tag: "Value", key, digest: planned.stage.sink ? key : digest, stored, file, made: { value } }
    }
    if (stored.length <= INLINE || planned.stage.sink) return Effect.succeed(keep(undefined))
    return Effect.matchEffect(writeLarge(state, task, stored), {
      onFailure: (failure) => meet(failure, tries, began, trace),
      onSuccess: (file) =>
        Effect.sync(() => {
          trace.artifacts++
          return keep(file)
        })
    })
  }

  /** A failure, by its class. */
  const meet = (failure: StageFailure, tries: number, began: number, trace: Trace): Effect.Effect<Outcome, RunStopped> => {
    if (failure.retry !== "later") breaker.there()
    switch (failure.retry) {
      case "config":
        close("failed", tries, began, trace, failure)
        return Effect.fail(new RunStopped({ node: planned.name, failure }))
      case "skip": {
        rememberFailed("skipped", failure, trace)
        finish("skipped", close("skipped", tries, began, trace, failure), trace, failure)
        return Effect.succeed({ _tag: "Skipped", key, failure: failed(failure) })
      }
      case "never": {
        rememberFailed("failed", failure, trace)
        finish("failed", close("failed", tries, began, trace, failure), trace, failure)
        return Effect.succeed({ _tag: "Failed", key, failure: failed(failure), attempts: tries, remembered: true })
      }
      case "now": {
        const milliseconds = close("failed", tries, began, trace, failure)
        if (tries > planned.retry.times) {
          finish("failed", milliseconds, trace, failure)
          return Effect.succeed({ _tag: "Failed", key, failure: failed(failure), attempts: tries, remembered: false })
        }
        return Effect.flatMap(Random.next, (random) => {
          const wait = waitMillis(planned, tries, failure, random)
          if (hub.isHeard()) hub.tell({ _tag: "NodeRetried", item, path, node: planned.name, failure, waitMillis: wait })
          return Effect.zipRight(
            Effect.sleep(wait),
            Effect.suspend(() => go(tries + 1))
          )
        })
      }
      case "later": {
        close("waiting", tries, began, trace, failure)
        // The next try is the breaker's probe, or comes after it.
        return Effect.zipRight(
          breaker.away(failure),
          Effect.suspend(() => go(tries + 1))
        )
      }
    }
  }

  /** Tries, unless the outside service is away and patience at its end. */
  const go = (tries: number): Effect.Effect<Outcome, RunStopped> => {
    const away = breaker.why()
    if (away === undefined) return once(tries)
    return Effect.flatMap(breaker.pass, (passes) => {
      if (passes) return once(tries)
      finish("waiting", 0, blank(), away)
      return Effect.succeed<Outcome>({ _tag: "Waiting", key, failure: failed(away), attempts: tries - 1 })
    })
  }

  const once = (tries: number): Effect.Effect<Outcome, RunStopped> => {
    const trace = blank()
    let began = 0
    const stage = Effect.suspend(() => {
      began = performance.now()
      if (hub.isHeard()) hub.tell({ _tag: "NodeStarted", item, path, node: planned.name, try: tries })
      return node.stage.run(task.inputs, planned.config)
    })
    const provided = provide(state, task, trace, stage)
    const timed =
      planned.timeout === undefined
        ? provided
        : Effect.timeoutFail(provided, {
            duration: planned.timeout,
            onTimeout: () =>
              new AttemptError({
                code: "TimedOut",
                detail: `it took longer than ${Duration.format(planned.timeout ?? Duration.zero)}`
              })
          })
    const limit = state.limits[node.index]
    return Effect.matchCauseEffect(limit === undefined ? timed : limit.withPermits(1)(timed), {
      onSuccess: (value) => succeed(value, tries, began, trace),
      onFailure: (cause) => meet(failureOf(cause), tries, began, trace)
    })
  }

  return go(1)
}
