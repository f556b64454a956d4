import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Agreement from "./Agreement.js"
import * as CanarySample from "./CanarySample.js"

describe("A sample", () => {
  it("has some of each kind of file, as many as there are, and no more than was asked for", () => {
    expect(CanarySample.allocate([90, 9, 1], 10)).toEqual([8, 1, 1])
    expect(CanarySample.allocate([1, 1], 20)).toEqual([1, 1])
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 60 }),
        (sizes, size) => {
          const sorted = [...sizes].sort((a, b) => b - a)
          const taken = CanarySample.allocate(sorted, size)
          const all = sorted.reduce((sum, files) => sum + files, 0)
          expect(taken.reduce((sum, n) => sum + n, 0)).toBe(Math.min(size, all))
          taken.forEach((n, i) => expect(n).toBeLessThanOrEqual(sorted[i] ?? 0))
          if (sorted.length <= size) taken.forEach((n) => expect(n).toBeGreaterThan(0))
        }
      )
    )
  })
})

describe("Agreement", () => {
  const tags = (...labels: ReadonlyArray<string>) => JSON.stringify({ tags: labels.map((label) => ({ label, raw: label })) })

  it("compares labels as sets, and texts by their words", () => {
    expect(Agreement.of(tags("calm", "sad"), tags("sad", "calm"))).toBe(1)
    expect(Agreement.of(tags("calm"), tags("calm", "sad"))).toBe(0.5)
    expect(Agreement.of('{"text":"A dog barks."}', '{"text":"a dog"}')).toBeCloseTo(2 / 3)
  })

  it("counts each label before, after and both times, what differs most first", () => {
    const counted = Agreement.count([
      { before: tags("calm"), after: tags("calm") },
      { before: tags("calm"), after: tags("sad") },
      { before: undefined, after: tags("sad") }
    ])
    expect(counted).toMatchObject({ files: 2, same: 1, agreement: 0.5 })
    expect(counted.labels).toEqual([
      { label: "calm", before: 2, after: 1, both: 1 },
      { label: "sad", before: 0, after: 1, both: 0 }
    ])
  })
})
