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

/** What the work of one step waits for. */
export class StepWaits implements Service {
  private readonly waits = new Set<{ readonly wait: Wait; readonly holds: () => boolean }>()
  private places = 0

  readonly during: Service["during"] = (wait, effect, holds = always) =>
    Effect.suspend(() => {
      const one = { wait, holds }
      this.waits.add(one)
      return Effect.ensuring(
        effect,
        Effect.sync(() => this.waits.delete(one))
      )
    })

  readonly placed: Service["placed"] = Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => this.places++),
      () => Effect.sync(() => this.places--)
    )
  )

  /** What all of it waits for; `undefined` where nothing waits, or a request is under way. A request waits for its turn in its place. */
  get current(): Wait | undefined {
    const now = [...this.waits].filter(({ holds }) => holds()).map(({ wait }) => wait)
    const turns = now.filter((wait) => wait === "turn").length
    return this.places > turns ? undefined : turns > 0 ? "turn" : now[0]
  }
}
