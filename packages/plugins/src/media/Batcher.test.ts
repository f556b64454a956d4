import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import * as Batcher from "./Batcher.js"

interface Input {
  readonly id: string
  readonly cost?: number
}
type Runs = Array<ReadonlyArray<string>>

const label = (job: Batcher.Job<Input, string>) => `${job.input.id}:${job.requests.join("+")}`

/** An engine that takes a second a run and notes what it was given. */
const fake = (
  over: {
    readonly slots?: number
    readonly worthAnother?: number
    readonly prepare?: Effect.Effect<void>
    readonly run?: Batcher.Options<Input, string, string, string>["run"]
  } = {}
) =>
  Effect.gen(function* () {
    const runs: Runs = []
    const ended: Array<string> = []
    const askAll = yield* Batcher.make<Input, string, string, string>({
      slots: over.slots ?? 1,
      cost: (input) => input.cost ?? 1 / 20,
      maxBatchDelay: "5 millis",
      worthAnother: over.worthAnother,
      prepare: over.prepare,
      inputId: (input) => input.id,
      requestId: (request) => request,
      isSystemic: (error) => error === "disk full",
      closed: () => "closed",
      run: (jobs) =>
        Effect.suspend(() => {
          runs.push(jobs.map(label))
          return over.run === undefined
            ? Effect.delay(
                Effect.sync(() => (input: Input, request: string) => Exit.succeed(`${input.id}/${request}`)),
                "1 second"
              )
            : over.run(jobs)
        }).pipe(Effect.onInterrupt(() => Effect.sync(() => void ended.push(jobs.map(label).join()))))
    })
    const ask = (one: Input, request: string, report?: Batcher.Report) =>
      Effect.map(askAll(one, [request], report), ([answer]) => answer)
    return { ask, askAll, runs, ended }
  })

const input = (id: string, cost?: number): Input => (cost === undefined ? { id } : { id, cost })
const settle = (seconds = 60) => TestClock.adjust(Duration.seconds(seconds))

describe("Batcher", () => {
  it.scoped("answers everything that is asked of an input at the same time with one run", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake()
      const requests = ["copy", "loudness", "copy"]
      const fiber = yield* Effect.fork(
        Effect.forEach(requests, (request) => ask(input("a"), request), { concurrency: "unbounded" })
      )
      yield* settle()
      expect(yield* Fiber.join(fiber)).toEqual(["a/copy", "a/loudness", "a/copy"])
      expect(runs).toEqual([["a:copy+loudness"]])
    })
  )

  it.scoped("takes what was asked for while the engine got ready into its first run", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({ prepare: Effect.sleep("1 second") })
      const first = yield* Effect.fork(ask(input("a"), "copy"))
      yield* TestClock.adjust("500 millis")
      const second = yield* Effect.fork(ask(input("b"), "copy"))
      yield* settle()
      expect([yield* Fiber.join(first), yield* Fiber.join(second)]).toEqual(["a/copy", "b/copy"])
      expect(runs).toEqual([["a:copy", "b:copy"]])
    })
  )

  it.scoped("answers several requests of one asker in their order, or with what failed, and asks no more for the others", () =>
    Effect.gen(function* () {
      const { askAll, ended, runs } = yield* fake()
      const fiber = yield* Effect.fork(askAll(input("a"), ["copy", "loudness", "copy"]))
      yield* settle()
      expect(yield* Fiber.join(fiber)).toEqual(["a/copy", "a/loudness", "a/copy"])
      expect(runs).toEqual([["a:copy+loudness"]])
      const left = yield* Effect.fork(askAll(input("b"), ["copy", "loudness"]))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(left)
      yield* settle()
      expect(ended).toEqual(["b:copy+loudness"])
    })
  )

  it.scoped("starts a second run beside the first only for as many inputs as are worth it", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({ slots: 2, worthAnother: 6 / 20 })
      const few = yield* Effect.fork(Effect.forEach([..."abcd"], (id) => ask(input(id), "w"), { concurrency: "unbounded" }))
      yield* TestClock.adjust("10 millis")
      expect(runs).toEqual([["a:w", "b:w", "c:w", "d:w"]])
      yield* settle()
      yield* Fiber.join(few)
      const many = yield* Effect.fork(
        Effect.forEach([..."efghijklmnopq"], (id) => ask(input(id), "w"), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("10 millis")
      expect(runs.length).toBe(3)
      yield* settle()
      expect((yield* Fiber.join(many)).length).toBe(13)
    })
  )

  it.scoped("starts one for fewer where the first run doesn't end", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({
        slots: 2,
        worthAnother: 6 / 20,
        run: (jobs) =>
          jobs.some(({ input }) => input.id === "stuck")
            ? Effect.never
            : Effect.succeed((input: Input, request: string) => Exit.succeed(`${input.id}/${request}`))
      })
      yield* Effect.fork(ask(input("stuck"), "w"))
      yield* TestClock.adjust("10 millis")
      const waiting = yield* Effect.fork(ask(input("a"), "w"))
      yield* TestClock.adjust("1 second")
      expect(runs).toEqual([["stuck:w"]])
      yield* TestClock.adjust("4 seconds")
      expect(yield* Fiber.join(waiting)).toBe("a/w")
    })
  )

  it.scoped("starts a second run at once for a long input", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({ slots: 2, worthAnother: 1 / 2 })
      yield* Effect.fork(ask(input("a"), "w"))
      yield* TestClock.adjust("10 millis")
      yield* Effect.fork(ask(input("long", 1), "w"))
      yield* TestClock.adjust("10 millis")
      expect(runs).toEqual([["a:w"], ["long:w"]])
    })
  )

  it.scoped("packs small inputs and leaves a big one alone", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake()
      const inputs = [...Array.from({ length: 25 }, (_, n) => input(`s${n}`)), input("long", 1)]
      const fiber = yield* Effect.fork(Effect.forEach(inputs, (one) => ask(one, "w"), { concurrency: "unbounded" }))
      yield* settle()
      yield* Fiber.join(fiber)
      expect(runs.map((run) => run.length)).toEqual([20, 5, 1])
      expect(runs[2]).toEqual(["long:w"])
    })
  )

  it.scoped("shares what is pending among idle slots", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({ slots: 2 })
      const inputs = Array.from({ length: 8 }, (_, n) => input(`s${n}`))
      const fiber = yield* Effect.fork(Effect.forEach(inputs, (one) => ask(one, "w"), { concurrency: "unbounded" }))
      yield* settle()
      yield* Fiber.join(fiber)
      expect(runs.map((run) => run.length)).toEqual([4, 4])
    })
  )

  it.scoped("lingers only when idle: under load the next run starts at once", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake()
      yield* Effect.fork(ask(input("a"), "w"))
      yield* TestClock.adjust("4 millis")
      expect(runs).toEqual([])
      yield* TestClock.adjust("1 millis")
      expect(runs).toEqual([["a:w"]])
      yield* Effect.fork(ask(input("b"), "w"))
      yield* Effect.fork(ask(input("c"), "w"))
      yield* TestClock.adjust("1 second")
      expect(runs).toEqual([["a:w"], ["b:w", "c:w"]])
    })
  )

  it.scoped("halves a failing run by input, then by request, and fails only the culprit", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({
        run: (jobs) =>
          jobs.some((job) => job.input.id === "bad" && job.requests.includes("x"))
            ? Effect.fail("no")
            : Effect.succeed((one, request) => Exit.succeed(`${one.id}/${request}`))
      })
      const asks = [..."abcdefg"].map((id) => ask(input(id), "x")).concat(ask(input("bad"), "x"), ask(input("bad"), "y"))
      const fiber = yield* Effect.fork(Effect.forEach(asks, Effect.exit, { concurrency: "unbounded" }))
      yield* settle()
      const exits = yield* Fiber.join(fiber)
      expect(exits.filter(Exit.isFailure)).toEqual([Exit.fail("no")])
      expect(exits[7]).toEqual(Exit.fail("no"))
      expect(exits[8]).toEqual(Exit.succeed("bad/y"))
      expect(runs.length).toBe(1 + 2 + 2 + 2 + 2)
    })
  )

  it.scoped("gives an answer's own failure to its requester and repeats nothing", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({
        run: () => Effect.succeed((one, request) => (one.id === "b" ? Exit.fail("damaged") : Exit.succeed(request)))
      })
      const fiber = yield* Effect.fork(
        Effect.forEach(["a", "b"], (id) => Effect.exit(ask(input(id), "w")), { concurrency: "unbounded" })
      )
      yield* settle()
      expect(yield* Fiber.join(fiber)).toEqual([Exit.succeed("w"), Exit.fail("damaged")])
      expect(runs.length).toBe(1)
    })
  )

  it.scoped("doesn't halve what is the machine's failure", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake({ run: () => Effect.fail("disk full") })
      const fiber = yield* Effect.fork(
        Effect.forEach(["a", "b", "c"], (id) => Effect.exit(ask(input(id), "w")), { concurrency: "unbounded" })
      )
      yield* settle()
      expect(yield* Fiber.join(fiber)).toEqual([1, 2, 3].map(() => Exit.fail("disk full")))
      expect(runs.length).toBe(1)
    })
  )

  it.scoped("fails the requests of a run that dies, and goes on serving", () =>
    Effect.gen(function* () {
      let dies = true
      const { ask } = yield* fake({
        run: () => (dies ? Effect.dieMessage("bug") : Effect.succeed((one, request) => Exit.succeed(`${one.id}/${request}`)))
      })
      const first = yield* Effect.fork(Effect.exit(ask(input("a"), "w")))
      yield* settle()
      expect(Exit.isFailure(yield* Fiber.join(first))).toBe(true)
      dies = false
      const second = yield* Effect.fork(ask(input("b"), "w"))
      yield* settle()
      expect(yield* Fiber.join(second)).toBe("b/w")
    })
  )

  it.scoped("fails the one request whose answer dies", () =>
    Effect.gen(function* () {
      const { ask } = yield* fake({
        run: () =>
          Effect.succeed((one, request) => {
            if (one.id === "a") throw new Error("bug")
            return Exit.succeed(request)
          })
      })
      const fiber = yield* Effect.fork(
        Effect.forEach(["a", "b"], (id) => Effect.exit(ask(input(id), "w")), { concurrency: "unbounded" })
      )
      yield* settle()
      const [a, b] = yield* Fiber.join(fiber)
      expect(a !== undefined && Exit.isFailure(a)).toBe(true)
      expect(b).toEqual(Exit.succeed("w"))
    })
  )

  it.scoped("fails what runs, what waits and what comes later when the scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { ask, ended } = yield* Scope.extend(fake(), scope)
      const running = yield* Effect.fork(Effect.exit(ask(input("a"), "w")))
      yield* TestClock.adjust("10 millis")
      const waiting = yield* Effect.fork(Effect.exit(ask(input("b"), "w")))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      expect(yield* Fiber.join(running)).toEqual(Exit.fail("closed"))
      expect(yield* Fiber.join(waiting)).toEqual(Exit.fail("closed"))
      expect(yield* Effect.exit(ask(input("c"), "w"))).toEqual(Exit.fail("closed"))
      expect(ended).toEqual(["a:w"])
    })
  )

  it.scoped("ends a run when its last requester leaves, and not before", () =>
    Effect.gen(function* () {
      const { ask, ended, runs } = yield* fake()
      const a = yield* Effect.fork(ask(input("a"), "w"))
      const b = yield* Effect.fork(ask(input("b"), "w"))
      yield* TestClock.adjust("10 millis")
      expect(runs).toEqual([["a:w", "b:w"]])
      yield* Fiber.interrupt(a)
      expect(ended).toEqual([])
      yield* Fiber.interrupt(b)
      yield* TestClock.adjust("1 millis")
      expect(ended).toEqual(["a:w,b:w"])
      const again = yield* Effect.fork(ask(input("a"), "w"))
      yield* settle()
      expect(yield* Fiber.join(again)).toBe("a/w")
    })
  )

  it.scoped("forgets a request that left before its run", () =>
    Effect.gen(function* () {
      const { ask, runs } = yield* fake()
      const a = yield* Effect.fork(ask(input("a"), "w"))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(a)
      yield* settle()
      expect(runs).toEqual([])
    })
  )

  it.scoped("reports progress to everyone who asked of the input", () =>
    Effect.gen(function* () {
      const heard: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const { ask } = yield* fake({
        run: (jobs) =>
          Effect.forEach(jobs, (job) => job.report(1, 2)).pipe(
            Effect.zipRight(Deferred.await(gate)),
            Effect.as((_: Input, request: string) => Exit.succeed(request))
          )
      })
      const hear = (name: string) => (done: number, total: number) =>
        Effect.sync(() => void heard.push(`${name} ${done}/${total}`))
      yield* Effect.fork(ask(input("a"), "x", hear("x")))
      yield* Effect.fork(ask(input("a"), "y", hear("y")))
      yield* settle()
      expect(heard).toEqual(["x 1/2", "y 1/2"])
      yield* Deferred.succeed(gate, undefined)
    })
  )
})
