import { describe, expect, it } from "@effect/vitest"
import { ABSENCE_MILLIS, SlotRoom } from "./SlotRoom.js"

const THERE = new Set(["a", "b"])
const ONLY_B = new Set(["b"])

describe("The room of a worker", () => {
  it("is there for others when a coordinator is gone, and its jobs count again when it is back", () => {
    const room = new SlotRoom(2)
    room.enter("a", 1)
    room.enter("a", 1)
    expect(room.see(THERE, 0)).toBe(false)
    expect([room.see(ONLY_B, 1_000), room.hasRoom()]).toEqual([false, false])
    expect([room.see(ONLY_B, 1_000 + ABSENCE_MILLIS), room.free]).toEqual([true, 2])
    room.enter("b", 1)
    expect([room.see(THERE, 10_000), room.free, room.hasRoom()]).toEqual([false, -1, false])
    // A job that comes while its coordinator has long been gone is no reason to wait again.
    room.see(ONLY_B, 20_000)
    room.see(ONLY_B, 20_000 + ABSENCE_MILLIS)
    room.enter("a", 1)
    room.see(ONLY_B, 20_001 + ABSENCE_MILLIS)
    expect(room.free).toBe(1)
  })

  it("is what it was when all have left, in whatever order that comes with a coordinator's going", () => {
    const room = new SlotRoom(1)
    const [first, second] = [room.enter("a", 1 / 3), room.enter("b", 1 / 3)]
    room.see(ONLY_B, 0)
    room.see(ONLY_B, ABSENCE_MILLIS)
    room.leave(first)
    room.leave(first)
    expect([room.free, room.isDeserted]).toEqual([1 - 1 / 3, false])
    room.leave(second)
    expect([room.free, room.isDeserted]).toEqual([1, true])
  })
})
