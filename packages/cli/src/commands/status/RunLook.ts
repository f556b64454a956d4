import { type Database, RunStatus, type StoreError, WatchControl, WatchLock } from "@mediaspool/core"
import { Effect, Option } from "effect"
import type { Watching } from "../../output/StatusView.js"

/** How runs stand, and the watcher. */
export interface Look {
  readonly runs: ReadonlyArray<RunStatus.RunStatus>
  readonly watching: Watching
}

/** @param pipeline only of this one */
export const look = (pipeline?: string): Effect.Effect<Look, StoreError, Database> =>
  Effect.gen(function* () {
    const runs = yield* RunStatus.now(pipeline)
    const { pipelines } = yield* WatchControl.read
    const watcher = Option.map(yield* WatchLock.present, ({ name }) => name)
    return {
      runs,
      watching: {
        watcher: Option.getOrUndefined(watcher),
        paused: [...pipelines].flatMap(([name, { isPaused }]) => (isPaused && (pipeline ?? name) === name ? [name] : []))
      }
    }
  })
