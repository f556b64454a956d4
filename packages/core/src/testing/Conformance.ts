import { Clock, Duration, Effect, Either, Schema } from "effect"
import { createHash } from "node:crypto"
import { join } from "node:path"
import type { Json } from "../stage/Json.js"
import * as Identity from "../pipeline/Identity.js"
import * as Key from "../pipeline/Key.js"
import { Artifacts, claim, folderWith } from "../stage/Artifacts.js"
import * as Permission from "../plugin/Permission.js"
import type { CoreServices } from "../stage/Plugin.js"
import type { Kind } from "../stage/Kind.js"
import { of as portOf, type Inputs, type Port } from "../stage/Port.js"
import * as Stage from "../stage/Stage.js"
import * as Behaviour from "./Behaviour.js"
import type { Violation } from "./Violation.js"
import * as Declaration from "./Declaration.js"
import * as StageTest from "./StageTest.js"

/** An input to try a stage with, and its config as a person writes it. */
export interface Sample<S extends Stage.AnyStage> {
  /** What violations call it. */
  readonly name?: string
  /** Values by port. */
  readonly inputs: Inputs<S["input"]>
  /** The stage's config. */
  readonly with?: S["config"]["Encoded"]
  /** The code that this sample should fail with, or be skipped with. */
  readonly fails?: string
}

/** What a stage is held to, besides its samples. */
export interface Options<P = never, Q = never, N = never> extends StageTest.Options<P, Q, N> {
  /** How long a stopped run may take to end, and its processes to go; 10 s. */
  readonly patience?: Duration.DurationInput
  /**
   * What two runs must have the same of a file that the stage makes, by its absolute path; without it only that the file is there.
   * Encoders need not give the same bytes twice: what decodes from them should be the same.
   */
  readonly properties?: (path: string) => Effect.Effect<Json>
}

/**
 * Whether a stage keeps to what every stage promises: an empty list says that it does. With its `plugin` the stage is also held to the
 * permissions that it declares. Every sample runs several times, and is stopped on the way.
 *
 * @example expect(yield* Conformance.check(loudness, [{ inputs: { file } }], { plugin })).toEqual([])
 */
export const check = <S extends Stage.AnyStage, P = never, Q = never, N = never>(
  stage: S,
  samples: ReadonlyArray<Sample<S>>,
  options: Options<P, Q, N> = {}
): Effect.Effect<ReadonlyArray<Violation>, never, Exclude<Stage.Context<S>, CoreServices | P | Q | N>> =>
  Effect.gen(function* () {
    const { folder, leftovers, provide } = yield* StageTest.make(options)
    const services = {
      leftovers,
      provide,
      patience: Duration.decode(options.patience ?? "10 seconds"),
      properties: options.properties ?? (() => Effect.succeed(null))
    }
    const tried = Stage.around(confined(stage, options), (work) => oncePerSlot(work, join(folder, "temporary")))
    const found = [...Declaration.check(stage)]
    if (samples.length === 0) found.push({ rule: "samples", message: "without a sample nothing is known of its runs" })
    for (const [i, sample] of samples.entries()) {
      const name = sample.name ?? `sample ${i + 1}`
      const config = Schema.decodeUnknownEither<unknown, unknown>(stage.config, { onExcessProperty: "error" })(sample.with ?? {})
      if (Either.isLeft(config)) found.push({ rule: "samples", at: name, message: config.left.message })
      else
        found.push(
          ...(yield* Behaviour.check(tried, { name, inputs: sample.inputs, config: config.right, fails: sample.fails }, services))
        )
    }
    return found
    // Stages wait in real time, whatever clock the test has.
  }).pipe(Effect.withClock(Clock.make()), Effect.scoped)

/** A run that may write each slot once, as in a pipeline. */
const oncePerSlot = <A, E, R>(work: Effect.Effect<A, E, R>, temporary: string): Effect.Effect<A, E, R> =>
  Effect.flatMap(Artifacts, (artifacts) => {
    const slots = new Set<string>()
    const write: Artifacts["Type"]["write"] = (slot, extension, write) =>
      claim(slots, slot, artifacts.write(slot, extension, write))
    return Effect.provideService(work, Artifacts, { write, folder: folderWith(write, temporary) })
  })

/** The stage as a run gets it: with the services that its plugin declared. */
const confined = (stage: Stage.AnyStage, { plugin }: StageTest.Options<never, never, unknown>): Stage.AnyStage => {
  const i = plugin?.stages.indexOf(stage) ?? -1
  return (plugin && Permission.confine(plugin).stages[i]) ?? stage
}

/** What a stage's keys rest on, for a snapshot that is committed. */
export interface KeySnapshot {
  readonly version: number
  /** Of every example, and of the config that a person needn't write: in full, so that a changed default shows, and its key for one input. */
  readonly configs: Readonly<Record<string, { readonly full: Json; readonly key: string }>>
}

/**
 * A snapshot that tells when old results would no longer be found, or would be found wrongly: a default that changes without a new
 * version changes `full` and keeps `key`.
 *
 * @example expect(Conformance.keys(loudness)).toMatchSnapshot()
 */
export const keys = (stage: Stage.AnyStage): KeySnapshot => {
  const configs: ReadonlyArray<{ readonly title: string; readonly with: unknown }> = [
    { title: "{}", with: {} },
    ...stage.examples
  ]
  // What a `maybe` port gets is part of a key only where it is wired: a stage that gains one finds its old results.
  const ports: ReadonlyArray<readonly [string, Kind | Port]> = Object.entries(stage.input)
  const inputs = Object.fromEntries(
    ports
      .filter(([, port]) => portOf(port).mode !== "maybe")
      .map(([port]) => [port, createHash("sha256").update(port).digest("base64url")])
  )
  return {
    version: stage.version,
    configs: Object.fromEntries(
      configs.flatMap(({ title, with: written }) =>
        Either.match(keyed(stage, written, inputs), { onLeft: () => [], onRight: (entry) => [[title, entry] as const] })
      )
    )
  }
}

const keyed = (stage: Stage.AnyStage, written: unknown, inputs: Readonly<Record<string, string>>) =>
  Either.gen(function* () {
    const config = yield* Schema.decodeUnknownEither<unknown, unknown>(stage.config)(written)
    const full: Json = JSON.parse(JSON.stringify(yield* Schema.encodeUnknownEither<unknown, unknown>(stage.config)(config)))
    const prefix = yield* Key.prefix({ stage, identity: yield* Identity.of(stage.config, config) })
    return { full, key: Key.of(prefix, inputs) }
  })
