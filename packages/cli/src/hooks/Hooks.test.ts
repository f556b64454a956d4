import * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope, Stream, TestClock } from "effect"
import { Output } from "../output/Output.js"
import * as Hooks from "./Hooks.js"

const project = {
  folder: "/",
  settings: { section: () => ({ far: { on: ["paused"], webhook: "http://127.0.0.1:9/", timeout: 600 } }) }
}

describe("Hooks", () => {
  it.effect("wait ten seconds at the end for a receiver that doesn't answer, and say so", () => {
    const notes: Array<string> = []
    const silent = Layer.mergeAll(
      Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make(() => Effect.never)
      ),
      Layer.succeed(
        CommandExecutor.CommandExecutor,
        CommandExecutor.makeExecutor(() => Effect.never)
      ),
      Layer.succeed(Output, { ...Output.make(false), note: (text) => Effect.sync(() => notes.push(text)) })
    )
    return Effect.gen(function* () {
      const scope = yield* Scope.make()
      const listener = yield* Scope.extend(Hooks.listen(Stream.never, Effect.succeed(project), true), scope)
      yield* listener.tell({ _tag: "Halted", pipeline: "sounds", halt: "paused", failure: undefined })
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("9 seconds")
      expect(notes).toEqual(["Waiting up to ten seconds for hooks to answer …"])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(closing)
      expect(notes.join()).toContain("hook far: no answer yet")
    }).pipe(Effect.provide(silent))
  })
})
