import { describe, expect, it } from "@effect/vitest"
import { decode } from "fast-png"
import { interleaved, onKernels, sine } from "./measure.fixture.js"
import { PcmReader } from "./Pcm.js"
import { type Columns, waveformMeter } from "./WaveformMeter.js"
import { waveformPng } from "./waveformPng.js"

const columnsOf = (channels: ReadonlyArray<Float32Array>, width: number, startSeconds = 0, wholeSeconds = 0) => {
  let found: Columns | undefined
  const format = { sampleRate: 8000, channels: channels.length, mask: 0, codec: "", seconds: 1, startSeconds, wholeSeconds }
  onKernels((kernels) => {
    const meter = waveformMeter(width, (columns) => {
      found = columns
    })(format, kernels)
    const reader = new PcmReader(format, kernels, meter.take)
    reader.read(interleaved(channels))
    reader.finish()
    meter.finish()
  })
  return found
}

describe("WaveformMeter", () => {
  it("shows channels that cancel each other, over any length", () => {
    for (const seconds of [0.01, 1, 30]) {
      const tone = sine(200, seconds, 8000, 0.5)
      const columns = columnsOf([tone, tone.map((sample) => -sample)], 100)
      for (const [n, peak] of (columns?.peaks ?? []).entries()) {
        expect(peak).toBeLessThanOrEqual(0.5001)
        if (seconds === 30) {
          expect(peak).toBeCloseTo(0.5, 2)
          expect(columns?.squares[n]).toBeCloseTo(0.125, 2)
        }
      }
    }
  })

  it("lays the sound out over the whole file", () => {
    const { peaks = new Float64Array(0) } = columnsOf([sine(200, 2, 8000, 0.5)], 100, 3, 10) ?? {}
    const sounding = Array.from(peaks).flatMap((peak, n) => (peak > 0.1 ? [n] : []))
    expect(sounding[0]).toBe(30)
    expect(sounding.at(-1)).toBe(49)
  })

  it("is drawn on a transparent ground, the level within the peaks", () => {
    const columns = { peaks: Float64Array.of(0, 1, 0.5), squares: Float64Array.of(0, 0.25, 0.25) }
    const { data, height, palette = [], width } = decode(waveformPng(columns, { height: 20, colour: "#2f7f9f" }))
    expect([width, height]).toEqual([3, 20])
    expect(palette.map((shade) => shade[3])).toEqual([0, 0x66, 0xff])
    expect(palette[2]?.slice(0, 3)).toEqual([0x2f, 0x7f, 0x9f])
    const rows = Array.from({ length: 20 }, (_, y) => (data[y] ?? 0) >> 2)
    const shadesOf = (x: number) => rows.map((row) => (row >> (4 - 2 * x)) & 3)
    expect(shadesOf(0).every((shade) => shade === 0)).toBe(true)
    expect(shadesOf(1).filter((shade) => shade === 2)).toHaveLength(10)
    expect(shadesOf(1).filter((shade) => shade === 1)).toHaveLength(10)
    expect(shadesOf(2).filter((shade) => shade > 0)).toHaveLength(10)
  })
})
