import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as StabilityCheck from "./StabilityCheck.js"

const at = (path: string, size: number) => ({ path, dev: 1n, ino: 1n, size: BigInt(size), mtimeNs: 0n, ctimeNs: 0n })

describe("Settled", () => {
  it("waits until nothing has changed for the whole time", () => {
    const settled = StabilityCheck.make<ReturnType<typeof at>>(100n)
    expect(settled.see(at("a", 1), 0n, 0n)).toBe(false)
    expect(settled.see(at("a", 1), 99n, 99n)).toBe(false)
    expect(settled.next()).toBe(100n)
    expect(settled.see(at("a", 2), 100n, 100n)).toBe(false)
    expect(settled.due(199n, 10)).toEqual([])
    expect(settled.due(200n, 10)).toEqual([at("a", 2)])
    expect(settled.see(at("a", 2), 200n, 200n)).toBe(true)
    expect(settled.next()).toBeUndefined()
  })

  const look = fc.record({ path: fc.constantFrom("a", "b", "c"), size: fc.nat(2), after: fc.nat(60) })
  it.prop(
    "settles a file when, and only when, looks so far apart saw the same and nothing else in between",
    [fc.array(look, { maxLength: 60 })],
    ([looks]) => {
      const settled = StabilityCheck.make<ReturnType<typeof at>>(100n)
      const since = new Map<string, { size: number; at: bigint }>()
      let now = 0n
      for (const { after, path, size } of looks) {
        now += BigInt(after)
        const known = since.get(path)
        const expected = known !== undefined && known.size === size && now - known.at >= 100n
        expect(settled.see(at(path, size), now, now)).toBe(expected)
        if (expected) since.delete(path)
        else if (known?.size !== size) since.set(path, { size, at: now })
        const due = [...since].filter(([, { at }]) => now - at >= 100n).map(([path]) => path)
        expect(new Set(settled.due(now, 10).map((file) => file.path))).toEqual(new Set(due))
      }
      expect(settled.size()).toBe(since.size)
    }
  )
})
