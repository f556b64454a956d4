import { Context, Effect } from "effect"

/** How far a long step is: media seconds done of media seconds in all. */
export interface Service {
  readonly report: (doneSeconds: number, totalSeconds: number) => Effect.Effect<void>
}

export class Progress extends Context.Reference<Progress>()("@mediaspool/core/Progress", {
  defaultValue: (): Service => ({ report: () => Effect.void })
}) {}
