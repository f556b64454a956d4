import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { EventEmitter } from "node:events"
import { WorkerError } from "../protocol/WorkerError.js"
import * as QueueHealth from "./QueueHealth.js"

const SHOWN = "redis://queue:6379"

describe("The queue's health", () => {
  it.scoped("is told when it changes: gone, hanging, refusing, and well again", () =>
    Effect.gen(function* () {
      const client = new EventEmitter()
      const told: Array<string | undefined> = []
      const { heard } = yield* QueueHealth.watch(client, SHOWN, (trouble) => told.push(trouble?.message))
      const since = (): ReadonlyArray<string | undefined> => told.splice(0)
      client.emit("close")
      client.emit("close")
      expect(since()).toEqual([`${SHOWN} went away`])
      yield* TestClock.adjust("20 seconds")
      client.emit("ready")
      expect(since()).toEqual([undefined])

      heard(new WorkerError({ code: "QueueUnusable", detail: "it is full" }))
      heard(new WorkerError({ code: "QueueUnusable", detail: "it is full" }))
      heard(undefined)
      expect(since()).toEqual(["it is full", undefined])

      // A connection to a server that hangs stays open.
      yield* TestClock.adjust("3 seconds")
      expect(since()).toEqual([])
      yield* TestClock.adjust("3 seconds")
      expect(since()).toEqual([`${SHOWN} doesn't answer`])
      heard(undefined)
      expect(since()).toEqual([undefined])
    })
  )
})
