import { describe, expect, it } from "@effect/vitest"
import fc from "fast-check"
import { Dispatcher } from "./Dispatcher.js"

const apply = (dispatcher: Dispatcher, queue: string, weight = 1) => {
  const told: { decision: string | undefined } = { decision: undefined }
  const leave = dispatcher.apply({
    queue,
    weight: () => weight,
    decide: (decision) => (told.decision = decision),
    refuse: () => {}
  })
  return { told, leave }
}

describe("The dispatcher", () => {
  it("gives work to workers, two jobs for a slot, then to this machine, then lets it wait", () => {
    const dispatcher = new Dispatcher(1)
    dispatcher.see([{ slots: 1, takes: ["copy"] }])
    const all = [1, 2, 3, 4].map(() => apply(dispatcher, "copy").told)
    expect(all.map(({ decision }) => decision)).toEqual(["workers", "workers", "here", undefined])
    dispatcher.back("copy", 1)
    expect(all[3]?.decision).toBe("workers")
  })

  it("runs everything here where no worker is", () => {
    const dispatcher = new Dispatcher(2)
    const all = [1, 2, 3].map(() => apply(dispatcher, "copy").told)
    expect(all.map(({ decision }) => decision)).toEqual(["here", "here", undefined])
    dispatcher.done(1)
    expect(all[2]?.decision).toBe("here")
  })

  it("waits for workers with `local: none`, and gives work to one that joins", () => {
    const dispatcher = new Dispatcher(0)
    const { told } = apply(dispatcher, "copy")
    expect(told.decision).toBeUndefined()
    expect(dispatcher.stranded()).toHaveLength(1)
    dispatcher.see([{ slots: 1, takes: ["copy"] }])
    expect(told.decision).toBe("workers")
  })

  it("sends nothing to a worker that doesn't take it", () => {
    const dispatcher = new Dispatcher(0)
    dispatcher.see([{ slots: 4, takes: ["probe"] }])
    expect(apply(dispatcher, "copy").told.decision).toBeUndefined()
    expect(apply(dispatcher, "probe").told.decision).toBe("workers")
  })

  it("lets short files share a slot", () => {
    const dispatcher = new Dispatcher(0)
    dispatcher.see([{ slots: 1, takes: ["copy"] }])
    const all = Array.from({ length: 90 }, () => apply(dispatcher, "copy", 1 / 40).told)
    expect(all.filter(({ decision }) => decision === "workers")).toHaveLength(80)
  })

  it("forgets who left the line", () => {
    const dispatcher = new Dispatcher(1)
    apply(dispatcher, "copy")
    const second = apply(dispatcher, "copy")
    const third = apply(dispatcher, "copy")
    second.leave()
    dispatcher.done(1)
    expect([second.told.decision, third.told.decision]).toEqual([undefined, "here"])
  })

  it("never has more out than two jobs for a slot, and strands nobody while there is room", () => {
    const Move = fc.oneof(
      fc.record({
        type: fc.constant("apply" as const),
        queue: fc.constantFrom("a", "b"),
        weight: fc.constantFrom(1, 0.5, 0.025)
      }),
      fc.record({ type: fc.constant("end" as const), which: fc.nat() }),
      fc.record({ type: fc.constant("see" as const), slots: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }) })
    )
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.array(Move, { maxLength: 60 }), (local, moves) => {
        const dispatcher = new Dispatcher(local)
        const running: Array<{ readonly where: string; readonly queue: string; readonly weight: number }> = []
        let waiting = 0
        let [most, peak] = [0, 0]
        for (const move of moves) {
          if (move.type === "see") {
            dispatcher.see(move.slots.map((slots) => ({ slots, takes: ["a", "b"] })))
            most = move.slots.reduce((sum, slots) => sum + slots * 2, 0)
            peak = Math.max(peak, most)
          } else if (move.type === "apply") {
            waiting++
            const { queue, weight } = move
            dispatcher.apply({
              queue,
              weight: () => weight,
              decide: (where, weight) => (waiting--, running.push({ where, queue, weight })),
              refuse: () => {}
            })
          } else {
            const ended = running.splice(move.which % Math.max(1, running.length), 1)[0]
            if (ended?.where === "workers") dispatcher.back(ended.queue, ended.weight)
            else if (ended !== undefined) dispatcher.done(ended.weight)
          }
          const out = running.filter(({ where }) => where === "workers").reduce((sum, { weight }) => sum + weight, 0)
          expect(out).toBeLessThanOrEqual(peak + 1e-6)
          const here = running.filter(({ where }) => where === "here").reduce((sum, { weight }) => sum + weight, 0)
          // The last one may stand over the edge: it fills what is left of a slot.
          expect(here).toBeLessThan(local + 1)
          if (waiting > 0 && most > 0) expect(out).toBeGreaterThan(0)
        }
      })
    )
  })
})
