import { type Database, type StoreError, WatchLock } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { Output } from "../../output/Output.js"
import { inline } from "../../output/Text.js"
import { type PipelineSource, pipelineSources } from "../../project.js"
import { withStore } from "../../store.js"
import * as Watchable from "./Watchable.js"

/** A request to a watcher for some of its pipelines. */
export interface WatcherCommand {
  /** The value's type for scripts. */
  readonly type: string
  /** What holds from now on: `paused`. */
  readonly done: string
  readonly of: (pipeline: PipelineSource) => Effect.Effect<void, StoreError, Database>
}

interface Asked {
  readonly pipelines: ReadonlyArray<string>
  readonly json: boolean
  readonly config: Option.Option<string>
}

/** Sends it to the watcher that runs, or to the next one. */
export const tell = ({ config, json, pipelines }: Asked, { done, of, type }: WatcherCommand) =>
  Effect.gen(function* () {
    const output = yield* Output
    const meant = yield* Watchable.meant(yield* pipelineSources(config), pipelines)
    const holder = yield* withStore(config, Effect.zipRight(Effect.forEach(meant, of, { discard: true }), WatchLock.holder))
    for (const { pipeline } of meant) yield* output.value({ type, pipeline })
    if (json) return
    const whose = Option.match(holder, {
      onNone: () => "No watcher is running; this applies the next time one starts.",
      onSome: ({ name }) => `Watcher: ${name}.`
    })
    for (const { pipeline } of meant) yield* output.print(`${inline(pipeline)} ${done}.`)
    yield* output.print(whose)
  }).pipe(Effect.provide(Output.layer(json)))
