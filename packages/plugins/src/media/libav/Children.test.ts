import { describe, expect, it } from "@effect/vitest"
import { StateFolder } from "@mediaspool/core"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import * as InstalledEngines from "../../testing/InstalledEngines.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as Children from "./Children.js"

const installed = await Effect.runPromise(InstalledEngines.find)

describe.runIf(installed.includes("node-av"))("Children", () => {
  it.live(
    "close while somebody waits for a child that has yet to start",
    () =>
      Effect.gen(function* () {
        const state = yield* StateFolder
        const starting = yield* Deferred.make<void>()
        let started = 0
        const counting = { ...state, child: () => (++started < 2 ? Effect.void : Deferred.succeed(starting, undefined)) }
        const scope = yield* Scope.make()
        const children = yield* Scope.extend(Children.make(2), scope)
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
