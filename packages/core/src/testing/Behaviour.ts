import { Cause, Duration, Effect, Either, Exit, Fiber, Inspectable, Option, Schema } from "effect"
import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import * as Canonical from "../pipeline/Canonical.js"
import * as Key from "../pipeline/Key.js"
import * as AttemptFailure from "../runner/AttemptFailure.js"
import { erase, type ErasedStage } from "../runner/ErasedStage.js"
import type { StageFailure } from "../stage/Failure.js"
import * as Failure from "../stage/Failure.js"
import type { Json } from "../stage/Json.js"
import type { AnyStage } from "../stage/Stage.js"
import type { Violation } from "./Violation.js"
import * as Declaration from "./Declaration.js"
import { children } from "./Processes.js"
import * as SetTimers from "./SetTimers.js"
import type { StageTest } from "./StageTest.js"

/** An input and config to try a stage with. */
export interface Trial {
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
  /** Decoded. */
  readonly config: unknown
  /** The code that it should fail with. */
  readonly fails: string | undefined
}

type Ended = Exit.Exit<unknown, StageFailure>
interface Services extends Pick<StageTest<never>, "leftovers" | "provide"> {
  /** How long a stopped run may take to end, and its processes and unfinished files to go. */
  readonly patience: Duration.Duration
  /** What two runs must have the same of a file that they made. */
  readonly properties: (path: string) => Effect.Effect<Json>
}

/** When a run is stopped, as a part of how long it takes. */
const MOMENTS = [0, 0.1, 0.5, 0.9]
/** Runs a stage on one sample, again and again, and looks whether it keeps to the rules. */
export const check = (stage: AnyStage, trial: Trial, services: Services): Effect.Effect<ReadonlyArray<Violation>> =>
  Effect.gen(function* () {
    const hosted = erase(stage)
    const run: Effect.Effect<unknown, StageFailure> = services.provide(
      Effect.suspend(() => AttemptFailure.workOf({ stage }, hosted.run(trial.inputs, trial.config)))
    )
    const found: Array<Violation> = []
    const add = (rule: Violation["rule"], messages: ReadonlyArray<string>) =>
      void found.push(...messages.map((message) => ({ rule, at: trial.name, message })))
    const before = yield* contents(trial.inputs)
    const began = performance.now()
    const one = yield* SetTimers.during(Effect.exit(run))
    const first = one.value
    const millis = performance.now() - began
    add("samples", asPromised(trial, first))
    add("errors", errors(stage, first))
    add("output", Exit.isSuccess(first) ? output(stage, first.value) : [])
    add("key", [...Declaration.identities(stage.config, trial.config), ...(yield* keyParts(stage, hosted, trial, services))])
    add("tidiness", yield* leftovers(services))
    // A service may keep children and timers of its own for the next run: the second run tells whether they become more.
    const kept = children()
    const two = yield* SetTimers.during(Effect.exit(run))
    const second = two.value
    if (!stage.nondeterministic)
      add("repeat", repeated(yield* comparable(stage, first, services), yield* comparable(stage, second, services)))
    const left = yield* remains(kept, [one, two], services.patience)
    // A service's pool may have grown to its size only now: what is left behind is left by every run.
    const again = children()
    const once = left.length === 0 ? undefined : yield* SetTimers.during(Effect.exit(run))
    add("tidiness", once === undefined ? [] : yield* remains(again, [one, two, once], services.patience))
    const idle = children()
    for (const moment of MOMENTS) add("interruption", yield* stopped(run, moment * millis, idle, services))
    const after = yield* contents(trial.inputs)
    add(
      "originals",
      [...before].filter(([path, hash]) => after.get(path) !== hash).map(([path]) => `${path} is not as it was`)
    )
    return found
  }).pipe(Effect.scoped)

const asPromised = ({ fails }: Trial, end: Ended): ReadonlyArray<string> =>
  Exit.match(end, {
    onSuccess: () => (fails === undefined ? [] : [`it should fail with ${fails}, and is done`]),
    onFailure: (cause) => {
      const failure = Option.getOrUndefined(Cause.failureOption(cause))
      if (failure === undefined) return [`it breaks: ${Cause.pretty(cause)}`]
      return failure.code === fails ? [] : [`it fails with ${failure.code}: ${failure.message}`]
    }
  })

/** A stage that was only transpiled may fail with anything. */
const nameOf = (failure: unknown): string =>
  Failure.is(failure) ? failure._tag : failure instanceof Error ? `'${String(failure)}'` : Inspectable.toStringUnknown(failure, 0)

const errors = (stage: AnyStage, end: Ended): ReadonlyArray<string> => {
  const failure = Exit.isFailure(end) ? Option.getOrUndefined(Cause.failureOption(end.cause)) : undefined
  if (failure === undefined) return []
  if (!Schema.is(stage.error)(failure)) return [`the error ${nameOf(failure)} is not declared`]
  const written = Schema.encodeUnknownEither(stage.error)(failure)
  return Either.isLeft(written) ? [written.left.message] : Declaration.roundTrip(stage.error, written.right)
}

const output = (stage: AnyStage, value: unknown): ReadonlyArray<string> => {
  const written = Schema.encodeUnknownEither(stage.output)(value)
  return Either.isLeft(written) ? [written.left.message] : Declaration.roundTrip(stage.output, written.right)
}

/** What else the key holds must be the same each time it is asked for. */
const keyParts = (stage: AnyStage, hosted: ErasedStage, { config }: Trial, { provide }: Services) =>
  Effect.gen(function* () {
    if (hosted.keyParts === undefined) return []
    const ask = Effect.exit(provide(hosted.keyParts(config)))
    const [first, second] = [yield* ask, yield* ask]
    if (Exit.isFailure(first) || Exit.isFailure(second)) return ["'keyParts' fails"]
    const [one, two] = [first.value, second.value].map((keyParts) => Key.prefix({ stage, identity: {} }, keyParts))
    if (one === undefined || two === undefined) return []
    if (Either.isLeft(one)) return [`'keyParts': ${one.left.message}`]
    return Either.isRight(two) && one.right.head === two.right.head ? [] : ["'keyParts' gives something else each time"]
  })

const repeated = (one: string, two: string): ReadonlyArray<string> =>
  one === two ? [] : [`the second run gives something else; say 'nondeterministic' if it must\n  ${one}\n  ${two}`]

/** How a run ended, without what may differ between two equal results: the bytes of an artifact, and where files lie. */
const comparable = (stage: AnyStage, end: Ended, { properties }: Services): Effect.Effect<string> => {
  if (Exit.isFailure(end)) return Effect.succeed(Option.getOrUndefined(Cause.failureOption(end.cause))?.code ?? "it breaks")
  const encoded = Schema.encodeUnknownEither(stage.output)(end.value)
  if (Either.isLeft(encoded)) return Effect.succeed("")
  return Effect.map(withoutBytes(encoded.right, properties), (value) => Either.getOrElse(Canonical.stringify(value), () => ""))
}

const withoutBytes = (value: unknown, properties: Services["properties"]): Effect.Effect<unknown> => {
  if (Array.isArray(value)) return Effect.forEach(value, (element: unknown) => withoutBytes(element, properties))
  if (typeof value !== "object" || value === null) return Effect.succeed(value)
  if ("_tag" in value && "slot" in value && "path" in value && value._tag === "Artifact") {
    const { _tag, path, slot } = value
    return Effect.map(properties(String(path)), (properties) => ({ _tag, slot, properties }))
  }
  const fields = Object.entries(value).filter(([key]) => !("_tag" in value && value._tag === "Original" && key === "path"))
  return Effect.map(
    Effect.forEach(fields, ([key, field]) => Effect.map(withoutBytes(field, properties), (kept) => [key, kept] as const)),
    Object.fromEntries
  )
}

const leftovers = (services: Services): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(services.leftovers, (paths) => paths.map((path) => `it leaves ${path} behind`))

/**
 * What a run that ended has left running, when it had time to go.
 *
 * @param before child processes
 * @param runs each of which leaves the timers that a run leaves; a service has new ones in the place of the old
 */
const remains = (before: number, runs: ReadonlyArray<SetTimers.Noted<unknown>>, patience: Duration.Duration) =>
  Effect.gen(function* () {
    const isTicking = () => runs.every(({ left }) => left() > 0)
    for (let waited = 0; waited < Duration.toMillis(patience); waited += 20) {
      if (children() <= before && !isTicking()) break
      yield* Effect.sleep(20)
    }
    return [
      ...(children() > before ? ["ended, it leaves a child process behind"] : []),
      ...(isTicking() ? ["ended, it leaves a timer running"] : [])
    ]
  })

/** Stops a run after a while, and looks at what stays. */
const stopped = (run: Effect.Effect<unknown, unknown>, millis: number, idle: number, services: Services) =>
  Effect.gen(function* () {
    const before = Math.max(idle, children())
    const fiber = yield* Effect.forkDaemon(run)
    yield* Effect.sleep(millis)
    const { patience } = services
    const ended = yield* Effect.timeoutOption(Effect.disconnect(Fiber.interrupt(fiber)), patience)
    if (Option.isNone(ended)) return [`stopped after ${Math.round(millis)} ms it still runs ${Duration.format(patience)} later`]
    for (let waited = 0; waited < Duration.toMillis(patience); waited += 20) {
      if (children() <= before && (yield* services.leftovers).length === 0) break
      yield* Effect.sleep(20)
    }
    return [
      ...(children() > before ? ["stopped, it leaves a child process behind"] : []),
      ...(yield* leftovers(services)).map((message) => `stopped, ${message}`)
    ]
  })

/** Hashes of the files among the inputs. */
const contents = (inputs: unknown): Effect.Effect<ReadonlyMap<string, string>> =>
  Effect.promise(async () => {
    const found = new Map<string, string>()
    for (const path of pathsIn(inputs)) {
      const bytes = await fs.readFile(path).catch(() => undefined)
      if (bytes !== undefined) found.set(path, createHash("sha256").update(bytes).digest("hex"))
    }
    return found
  })

const pathsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  if ("_tag" in value && "path" in value && typeof value.path === "string") return [value.path]
  return Object.values(value).flatMap(pathsIn)
}
