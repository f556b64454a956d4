import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { magnitudes } from "./Fourier.js"

const SIZE = 64

/** The same by the definition. */
const slowly = (samples: ReadonlyArray<number>): ReadonlyArray<number> =>
  Array.from({ length: SIZE / 2 }, (_, k) => {
    let [x, y] = [0, 0]
    for (const [i, sample] of samples.entries()) {
      const windowed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE))
      x += windowed * Math.cos((2 * Math.PI * i * k) / SIZE)
      y -= windowed * Math.sin((2 * Math.PI * i * k) / SIZE)
    }
    return (4 / SIZE) * Math.sqrt(x * x + y * y)
  })

const transform = (samples: Float32Array, at = 0) => {
  const out = new Float32Array(SIZE / 2)
  magnitudes(SIZE)(samples, at, out)
  return Array.from(out)
}

describe("Fourier", () => {
  it.prop(
    "agrees with the definition",
    [fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: SIZE, maxLength: SIZE })],
    ([samples]) => {
      const expected = slowly(samples.map(Math.fround))
      for (const [k, value] of transform(Float32Array.from(samples)).entries()) expect(value).toBeCloseTo(expected[k] ?? 0, 5)
    }
  )

  it("gives 1 for a full-scale sine, and takes what is past the end as silence", () => {
    const sine = Float32Array.from({ length: 2 * SIZE }, (_, i) => Math.sin((2 * Math.PI * 8 * i) / SIZE))
    expect(transform(sine, SIZE)[8]).toBeCloseTo(1, 5)
    expect(transform(sine, 2 * SIZE).every((value) => value === 0)).toBe(true)
  })
})
