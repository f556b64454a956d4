import { StateFolder, staysHome } from "@mediaspool/core"
import type * as Workers from "@mediaspool/workers"
import { MediaEngine } from "@mediaspool/plugins"
import { Effect, Option } from "effect"
import { join } from "node:path"
import { builtInRegistry, builtInSettings, load } from "../../host.js"
import { workerLayer, type WorkerParts } from "../../layers.js"
import { Refused } from "../../Refused.js"
import * as Signals from "../../Signals.js"
import { originOf } from "../../workers.js"
import type { ExecutorTask } from "./ExecutorTask.js"

/** What may run here, of all that is installed. */
const offerOf = (parts: WorkerParts, engine: Workers.Offer["engine"]): Workers.Offer => {
  const origin = originOf(parts)
  const stages = [...parts.registry.stages.values()].filter(({ stage }) => staysHome(stage) === undefined)
  return {
    engine,
    plugins: Object.fromEntries(stages.map(({ stage }) => [origin(stage).plugin, origin(stage).version])),
    stages: stages.map(({ stage }) => ({
      stage: stage.name,
      version: stage.version,
      plugin: origin(stage).plugin,
      pluginVersion: origin(stage).version
    }))
  }
}

const partsOf = (config: string | undefined): Effect.Effect<WorkerParts, Refused> =>
  config === undefined
    ? Effect.succeed({ registry: builtInRegistry, settings: builtInSettings, folder: process.cwd() })
    : Effect.mapError(load(Option.some(config)), (error) => Refused.of(error))

/** Tells the worker why nothing comes of it. */
const unfit = ({ help = "", message }: Refused): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const told: Workers.ExecutorMessage = { _tag: "Unfit", message, help }
    if (process.send === undefined) return resume(Effect.void)
    process.send([told], undefined, undefined, () => resume(Effect.void))
  })

/** Runs stages for the worker that started this process. */
export const runExecutor = ({ Executor }: typeof Workers, task: ExecutorTask) =>
  Effect.gen(function* () {
    // The worker decides when this ends: a signal for the whole group must not take its jobs away.
    yield* Signals.draining
    const parts = yield* partsOf(task.config)
    yield* Effect.gen(function* () {
      const { engine } = yield* MediaEngine
      const { temporary } = yield* StateFolder
      yield* Executor.run({
        worker: task.worker,
        registry: parts.registry,
        offer: offerOf(parts, engine),
        roots: new Map(Object.entries(task.roots)),
        scratch: temporary,
        cache: { folder: join(task.work, "cache"), ceiling: task.cacheBytes }
      })
    }).pipe(
      Effect.provide(workerLayer(parts, task.work, task.slots)),
      Effect.mapError((error) => (error instanceof Refused ? error : Refused.of(error)))
    )
  }).pipe(Effect.scoped, Effect.catchAll(unfit))
