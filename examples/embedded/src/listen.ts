// Says in sentences what can be measured of sounds. No config, no database, no command: stages are Effects.
//
//   node_modules/.bin/jiti src/listen.ts rain.wav birds.mp3
import { NodeRuntime } from "@effect/platform-node"
import { LocalFile, Stage, StateFolder } from "@mediaspool/core"
import { MediaEngine, acoustic, describe, ingest, probe } from "@mediaspool/plugins"
import { Console, Effect, Layer } from "effect"

/** One file through four stages. What doesn't depend on each other runs at the same time, and shares one decode. */
export const listen = (path: string) =>
  Effect.gen(function* () {
    const original = yield* LocalFile.original(path)
    const file = yield* Stage.run(ingest, { original })
    const heard = Effect.all({ probe: Stage.run(probe, { file }), sound: Stage.run(acoustic, { file }) }, { concurrency: 2 })
    const { text } = yield* Stage.run(describe, yield* heard)
    return `${path}: ${text}`
  }).pipe(
    // Every failure is typed: here one of the engine, or of the file.
    Effect.catchTags({
      MediaError: ({ code, message }) => Effect.succeed(`${path}: ${message} (${code})`),
      SourceError: ({ message }) => Effect.succeed(message)
    })
  )

/** ffmpeg where it is found, node-av where it is not; what it needs on the way goes with the program. */
export const engine = Layer.provide(MediaEngine.layer, StateFolder.temporary)

/** As many files at once as there is work for; the engine packs them. */
export const listenTo = (paths: ReadonlyArray<string>) =>
  Effect.forEach(paths, (path) => Effect.flatMap(listen(path), Console.log), { concurrency: 40, discard: true })

if (process.argv[1]?.endsWith("listen.ts") === true) NodeRuntime.runMain(Effect.provide(listenTo(process.argv.slice(2)), engine))
