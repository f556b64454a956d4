// The emulator as a program: `node main.js '{"port":8080,"settings":{"rpm":60}}'`. Says where it is in one line of JSON on stdout,
// and ends with its parent, or by SIGTERM.
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, Schema } from "effect"
import { MediaEngine } from "@mediaspool/plugins"
import { TemporaryFolder } from "@mediaspool/plugins/testing"
import { byEngine } from "./Decoder.js"
import { start } from "./Server.js"
import { EmulatorSettings } from "./EmulatorSettings.js"

const Options = Schema.parseJson(
  Schema.Struct({ port: Schema.optional(Schema.Int), settings: Schema.optional(EmulatorSettings) })
)

const program = Effect.gen(function* () {
  const { port, settings } = yield* Schema.decodeUnknown(Options)(process.argv[2] ?? "{}")
  const senses = yield* byEngine
  const {
    baseUrl,
    origin,
    port: taken,
    selfHostedUrl
  } = yield* start({
    port,
    ...senses,
    settings: settings === undefined ? undefined : Schema.encodeSync(EmulatorSettings)(settings)
  })
  process.stdout.write(`${JSON.stringify({ port: taken, origin, baseUrl, selfHostedUrl })}\n`)
  yield* Effect.async<void>((resume) => {
    process.stdin.resume().once("end", () => resume(Effect.void))
  })
}).pipe(
  Effect.scoped,
  Effect.provide(MediaEngine.layer.pipe(Layer.provide(TemporaryFolder.state), Layer.provideMerge(NodeContext.layer)))
)

NodeRuntime.runMain(program)
