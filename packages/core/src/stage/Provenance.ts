import { Context, Effect } from "effect"

/** Which programs a result was made with: recorded beside it, never part of its key. */
export interface Service {
  /** @example provenance.madeWith("ffmpeg", "7.1") */
  readonly madeWith: (program: string, version: string) => Effect.Effect<void>
}

/** Hears which programs made a result; outside of a run nobody does. */
export class Provenance extends Context.Reference<Provenance>()("@mediaspool/core/Provenance", {
  defaultValue: (): Service => ({ madeWith: () => Effect.void })
}) {}
