import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { WorkerRecord } from "../queue/Roster.js"
import * as Absence from "./Absence.js"
import { Dispatcher } from "./Dispatcher.js"
import * as Misfits from "./Misfits.js"

const worker = (more: Partial<WorkerRecord> = {}): WorkerRecord => ({
  ...{ id: "w", host: "rack", pid: 1, version: "0.2.0", since: 0, slots: 1, engine: { name: "none", version: "" } },
  ...{ plugins: {}, roots: [], draining: false, takes: [], refuses: [], running: [], done: 0, failed: 0, rate: 0 },
  ...more
})

/** One attempt that waits, and what it was told. */
const waiting = () => {
  const dispatcher = new Dispatcher(0)
  const refusals: Array<WorkerError> = []
  dispatcher.apply({ queue: "q", weight: () => 1, decide: () => {}, refuse: (why) => void refusals.push(why) })
  return { dispatcher, refusals }
}

describe("Work that no worker takes", () => {
  it.scoped("is refused with what they lack after ten seconds, and only while workers are there", () =>
    Effect.gen(function* () {
      const { dispatcher, refusals } = waiting()
      let there: ReadonlyArray<WorkerRecord> = []
      yield* Misfits.watch(() => there, dispatcher)
      yield* TestClock.adjust("1 minute")
      expect(refusals).toEqual([])
      there = [worker({ refuses: [{ stage: "s", version: 1, reason: "the root 'nas' is not mapped" }] })]
      yield* TestClock.adjust("9 seconds")
      expect(refusals).toEqual([])
      yield* TestClock.adjust("3 seconds")
      expect(refusals).toMatchObject([{ code: "NoWorkerFits", message: "rack: the root 'nas' is not mapped" }])
    })
  )

  it.scoped("is told to wait, with the reason: nobody is there, or nobody there can begin anything", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const absence = Absence.make((event) => events.push(event._tag === "ResourceClosed" ? event.failure.message : event._tag))
      let there: ReadonlyArray<WorkerRecord> = []
      let waits = false
      yield* Absence.watchWorkers(
        () => there,
        () => waits,
        absence
      )
      const since = Effect.map(TestClock.adjust("3 seconds"), () => events.splice(0))
      expect(yield* since).toEqual([])
      waits = true
      expect(yield* since).toEqual(["no worker is there, and this machine takes no such work (local: none)"])
      there = [worker({ hindrance: "the disk is full" })]
      expect(yield* since).toEqual(["no worker takes jobs; rack: the disk is full"])
      expect(absence.now()).toMatchObject([{ resource: "workers", failure: { code: "NoWorkers" } }])
      there = [...there, worker()]
      expect(yield* since).toEqual(["ResourceOpened"])
      expect(absence.now()).toEqual([])
    })
  )
})
