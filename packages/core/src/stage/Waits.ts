import { Context, Effect, type Scope } from "effect"

/**
 * What keeps a step from its work. `place`: as many requests as its account allows are under way. `turn`: the account's requests or
 * units a minute are used up. `slot`: the media engine's processes are all at work.
 */
export type Wait = "place" | "turn" | "slot"

/** Hears how a step waits, so that what waits isn't shown as running. */
export interface Service {
  /**
   * The step waits while `effect` runs.
   *
   * @param holds whether it waits still, where the same effect is the work as well
   */
  readonly during: <A, E, R>(wait: Wait, effect: Effect.Effect<A, E, R>, holds?: () => boolean) => Effect.Effect<A, E, R>
  /** A request of it has its place, until the scope closes. */
  readonly placed: Effect.Effect<void, never, Scope.Scope>
}

/** Hears what the running step waits for; outside of a run nobody does. */
export class Waits extends Context.Reference<Waits>()("@mediaspool/core/Waits", {
  defaultValue: (): Service => ({ during: (_, effect) => effect, placed: Effect.void })
}) {}

const always = () => true

/** What the work of one step waits for. Made for every attempt, most of which wait for nothing: so it holds nothing until one does. */
export class StepWaits implements Service {
  private waits: Set<{ readonly wait: Wait; readonly holds: () => boolean }> | undefined = undefined
  private places = 0

  during<A, E, R>(wait: Wait, effect: Effect.Effect<A, E, R>, holds: () => boolean = always): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const one = { wait, holds }
      const waits = (this.waits ??= new Set())
      waits.add(one)
      return Effect.ensuring(
        effect,
        Effect.sync(() => waits.delete(one))
      )
    })
  }

  get placed(): Service["placed"] {
    return Effect.asVoid(
      Effect.acquireRelease(
        Effect.sync(() => this.places++),
        () => Effect.sync(() => this.places--)
      )
    )
  }

  /** What all of it waits for; `undefined` where nothing waits, or a request is under way. A request waits for its turn in its place. */
  get current(): Wait | undefined {
    const now = [...(this.waits ?? [])].filter(({ holds }) => holds()).map(({ wait }) => wait)
    const turns = now.filter((wait) => wait === "turn").length
    return this.places > turns ? undefined : turns > 0 ? "turn" : now[0]
  }
}
