import { describe, expect, it } from "@effect/vitest"
import { StateFolder } from "@mediaspool/core"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import * as InstalledEngines from "../../testing/InstalledEngines.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as DecoderPool from "./DecoderPool.js"

const installed = await Effect.runPromise(InstalledEngines.find)

it("a child loads nothing but node-av beside its own modules", async () => {
  const entry = fileURLToPath(new URL("./decoder.child.ts", import.meta.url))
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    packages: "external",
    format: "esm",
    write: false,
    metafile: true
  })
  const [output] = Object.values(metafile.outputs)
  const packages = new Set(output?.imports.map(({ path }) => path).filter((path) => !path.startsWith("node:")))
  expect([...packages].sort()).toEqual(["node-av/constants", "node-av/lib"])
})

describe.runIf(installed.includes("node-av"))("DecoderPool", () => {
  it.live(
    "close while somebody waits for a child that has yet to start",
    () =>
      Effect.gen(function* () {
        const state = yield* StateFolder
        const starting = yield* Deferred.make<void>()
        let started = 0
        const counting = { ...state, child: () => (++started < 2 ? Effect.void : Deferred.succeed(starting, undefined)) }
        const scope = yield* Scope.make()
        const children = yield* Scope.extend(DecoderPool.make(2), scope)
        // Nobody answers to nothing, so the first of them keeps its child, and another is started for the second.
        const call = children
          .call({ type: "inspect", files: [] }, "60 seconds", () => undefined)
          .pipe(Effect.provideService(StateFolder, counting))
        const calls = [yield* Effect.forkIn(call, scope), yield* Effect.forkIn(call, scope)]
        yield* Deferred.await(starting)
        yield* Scope.close(scope, Exit.void)
        expect((yield* Effect.forEach(calls, Fiber.await)).map(Exit.isInterrupted)).toEqual([true, true])
      }).pipe(Effect.scoped, Effect.provide(TemporaryFolder.state)),
    60_000
  )
})
