import { Deferred, Duration, Effect, type Either, Exit, Fiber, type Schema } from "effect"
import type { StageFailure } from "./Failure.js"
import type { Kind } from "./Kind.js"
import type { Inputs, Ports } from "./Port.js"
import * as Stage from "./Stage.js"

/** What an author says of a stage that takes several files at once. */
export interface BatchDefinition<
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends Stage.ErrorSchema,
  R
> extends Omit<Stage.Definition<Name, In, Out, C, E, R>, "run"> {
  /** How many at most. */
  readonly size: number
  /** How long the first of a batch waits for others; 20 ms. */
  readonly maxDelay?: Duration.DurationInput
  /**
   * Takes one to `size` items of the same config and gives a result for each, in their order. A failure of the whole is everybody's.
   * What it does through `Calls` and `Artifacts` counts for the item that came first.
   */
  readonly run: (
    items: ReadonlyArray<Inputs<In>>,
    config: C["Type"]
  ) => Effect.Effect<ReadonlyArray<Either.Either<Out["Type"], NoInfer<E["Type"]>>>, NoInfer<E["Type"]>, R>
}

interface Entry<I, A, E> {
  readonly inputs: I
  readonly done: Deferred.Deferred<A, E>
}

/** Items that wait for their batch. */
interface Gathering<I, A, E> {
  readonly entries: Array<Entry<I, A, E>>
  /** Done when the batch is full. */
  readonly full: Deferred.Deferred<void>
  /** What runs the batch. */
  fiber: Fiber.RuntimeFiber<void> | undefined
}

const DELAY = "20 millis"

/**
 * Makes a stage that works on several items at once, such as 64 texts in one request. Each is still its own result under its own key,
 * and one that is known already isn't asked for again. At most as many come together as are in flight: the node's `concurrency` must
 * not be less than `size`.
 *
 * @example
 * Stage.batch({ name: "embed", version: 1, summary: "Embeds captions", input: { caption: Caption }, output: Vector,
 *   config: Field.none, error: EmbedError, size: 64, run: (items) => embedAll(items.map(({ caption }) => caption.text)) })
 */
export const batch = <
  const Name extends string,
  const In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends Schema.Schema.AnyNoContext & { readonly Type: StageFailure },
  R
>({
  maxDelay = DELAY,
  run,
  size,
  ...stage
}: BatchDefinition<Name, In, Out, C, E, R>): Stage.Stage<Name, In, Out, C, E["Type"], R> => {
  type Entries = Gathering<Inputs<In>, Out["Type"], E["Type"]>
  /** By config: those of one node have one. */
  const gatherings = new Map<unknown, Entries>()

  const work = (entries: Entries["entries"], config: C["Type"]): Effect.Effect<void, never, R> =>
    Effect.suspend(() =>
      run(
        entries.map(({ inputs }) => inputs),
        config
      )
    ).pipe(
      Effect.filterOrDie(
        (results) => results.length === entries.length,
        (results) => new Error(`the batch of '${stage.name}' gave ${results.length} results for ${entries.length} items`)
      ),
      Effect.exit,
      Effect.flatMap((exit) =>
        Effect.forEach(
          entries,
          ({ done }, i) => {
            if (Exit.isFailure(exit)) return Deferred.failCause(done, exit.cause)
            const result = exit.value[i]
            return result === undefined ? Effect.void : Deferred.done(done, Exit.fromEither(result))
          },
          { discard: true }
        )
      )
    )

  /** Waits for others to come, then runs the batch. */
  const lead = (gathering: Entries, config: C["Type"]): Effect.Effect<void, never, R> =>
    Effect.raceFirst(Effect.sleep(maxDelay), Deferred.await(gathering.full)).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          if (gatherings.get(config) === gathering) gatherings.delete(config)
        })
      ),
      Effect.zipRight(Effect.suspend(() => work([...gathering.entries], config)))
    )

  const join = (inputs: Inputs<In>, config: C["Type"]): Effect.Effect<Out["Type"], E["Type"], R> =>
    Effect.gen(function* () {
      const entry = { inputs, done: yield* Deferred.make<Out["Type"], E["Type"]>() }
      const open = gatherings.get(config)
      const gathering: Entries = open ?? { entries: [], full: yield* Deferred.make<void>(), fiber: undefined }
      gathering.entries.push(entry)
      if (gathering.entries.length >= size) {
        gatherings.delete(config)
        yield* Deferred.succeed(gathering.full, undefined)
      } else gatherings.set(config, gathering)
      // The batch is everybody's: it ends with the last who waits for it.
      if (open === undefined) gathering.fiber = yield* Effect.forkDaemon(lead(gathering, config))
      return yield* Effect.onInterrupt(Deferred.await(entry.done), () => {
        gathering.entries.splice(gathering.entries.indexOf(entry), 1)
        return gathering.fiber === undefined || gathering.entries.length > 0 ? Effect.void : Fiber.interrupt(gathering.fiber)
      })
    })

  return Stage.complete<Name, In, Out, C, E, R>({ ...stage, run: join })
}
