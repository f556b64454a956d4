import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { fourier } from "./Fourier.js"
import { onKernels } from "./measure.fixture.js"

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

const transform = (samples: Float32Array) =>
  onKernels((kernels) => {
    const { input, powers, transform } = fourier(kernels, samples.length)
    input.set(samples)
    transform()
    return Array.from(powers, Math.sqrt)
  })

describe("Fourier", () => {
  it.prop(
    "agrees with the definition",
    [fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: SIZE, maxLength: SIZE })],
    ([samples]) => {
      const expected = slowly(samples.map(Math.fround))
      for (const [k, value] of transform(Float32Array.from(samples)).entries()) expect(value).toBeCloseTo(expected[k] ?? 0, 5)
    }
  )

  it.each([64, 128, 512, 4096, 8192])("gives 1 for a full-scale sine, in %i samples", (size) => {
    const found = transform(Float32Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * 8 * i) / size)))
    for (const [k, value] of found.entries()) expect(value).toBeCloseTo(k === 8 ? 1 : Math.abs(k - 8) === 1 ? 0.5 : 0, 5)
  })
})
