import { Context, Effect } from "effect"

/** How far a long step is. */
export interface Service {
  /**
   * Says which part of this step is done.
   *
   * @param fraction from 0 to 1
   * @param words what goes on, for a person: `frame 12 of 40`
   */
  readonly report: (fraction: number, words?: string) => Effect.Effect<void>
  /** Says how much of the media has been worked on, in seconds, by whoever measured how long it is: runs add them up. */
  readonly media: (doneSeconds: number, totalSeconds: number) => Effect.Effect<void>
}

/** Hears how far a step is; outside of a run nobody does. */
export class Progress extends Context.Reference<Progress>()("@mediaspool/core/Progress", {
  defaultValue: (): Service => ({ report: () => Effect.void, media: () => Effect.void })
}) {}
