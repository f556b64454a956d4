import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { PacketScan } from "./PacketScan.js"
import { longestGap, TimeAxis } from "./TimeAxis.js"

const place = (container: string, times: ReadonlyArray<number | undefined>, seconds = 1) => {
  const axis = new TimeAxis(longestGap(container))
  return { at: times.map((time) => axis.place(time, seconds)), axis }
}

describe("TimeAxis", () => {
  it("keeps the time of what follows a gap", () => {
    expect(place("matroska", [0, 1, 5, 6]).at).toEqual([0, 1, 5, 6])
    expect(place("mov", [0, 1, 3600]).at).toEqual([0, 1, 3600])
  })

  it("puts a recording that begins again behind the one before", () => {
    const { at, axis } = place("matroska", [0, 1, 2, 0, 1, 4])
    expect(at).toEqual([0, 1, 2, 3, 4, 7])
    expect(axis.jumps).toBe(1)
  })

  it("takes a jump of more than ten seconds for another recording where times may jump", () => {
    expect(place("mpegts", [0, 1, 9000, 9001]).at).toEqual([0, 1, 2, 3])
    expect(place("mpegts", [0, 1, 9]).at).toEqual([0, 1, 9])
  })

  it("counts on where times say nothing, and where they differ by rounding", () => {
    expect(place("ogg", [4, undefined, 6.02, 6.98]).at).toEqual([4, 5, 6, 7])
  })

  it.prop("never goes back, whatever the times are", [fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }))], ([times]) => {
    const { at } = place("mpegts", times, 0.02)
    for (const [n, time] of at.entries()) expect(time).toBeGreaterThanOrEqual((at[n - 1] ?? -Infinity) - 1e-9)
  })
})

describe("PacketScan", () => {
  const scan = (container: string, packets: ReadonlyArray<readonly [stream: number, time: number]>, start?: number) => {
    const scanning = new PacketScan(container)
    for (const [stream, time] of packets) scanning.add({ stream, decoded: time, shown: time, seconds: 1 })
    return scanning.finish(start)
  }

  it("tells the length from the first packet of any stream to the end of the last", () => {
    const interleaved = [8, 9, 10, 11].flatMap((time) => [[0, time] as const, [1, time + 2] as const])
    expect(scan("mov", interleaved)).toMatchObject({ start: 8, durationSeconds: 6, isJoined: false })
  })

  it("adds the lengths of recordings that stand behind each other", () => {
    expect(
      scan(
        "matroska",
        [0, 1, 2, 0, 1].map((time) => [0, time])
      )
    ).toMatchObject({ durationSeconds: 5, isJoined: true })
  })

  it("leaves out what is decoded before the beginning and not heard", () => {
    expect(
      scan(
        "ogg",
        [-1, 0, 1].map((time) => [0, time]),
        0
      )
    ).toMatchObject({ durationSeconds: 2 })
  })

  it("has no length without packets", () => {
    expect(scan("mov", [])).toMatchObject({ durationSeconds: 0, isJoined: false })
  })
})
