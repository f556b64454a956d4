import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { measure } from "./measure.fixture.js"

const RATE = 8000

/** Stretches of a steady level, as samples; `true` is loud. */
const sound = (stretches: ReadonlyArray<readonly [samples: number, isLoud: boolean]>): Float32Array =>
  Float32Array.from(stretches.flatMap(([samples, isLoud]) => new Array<number>(samples).fill(isLoud ? 0.5 : 0.0001)))

/** The silent stretches by definition, in samples. */
const expected = (stretches: ReadonlyArray<readonly [samples: number, isLoud: boolean]>, least: number) => {
  const found: Array<{ start: number; end: number }> = []
  let at = 0
  for (const [samples, isLoud] of stretches) {
    const last = found.at(-1)
    if (!isLoud && samples > 0) {
      if (last?.end === at) last.end = at + samples
      else found.push({ start: at, end: at + samples })
    }
    at += samples
  }
  return found.filter(({ end, start }) => end - start >= least)
}

const stretches = fc.array(fc.tuple(fc.oneof(fc.nat(20), fc.nat(9000)), fc.boolean()), { maxLength: 12 })
const least = fc.constantFrom(0, 1, 8, 400, 4096, 8000)

describe("SilenceMeter", () => {
  it.prop("tells each silence that is long enough, wherever it lies", [stretches, least], ([stretches, least]) => {
    const { rows } = measure({ _tag: "Silences", threshold: -50, minimumSeconds: least / RATE }, [sound(stretches)], {
      sampleRate: RATE
    })
    expect(rows.map(({ end = 0, start = 0 }) => ({ start: Math.round(start * RATE), end: Math.round(end * RATE) }))).toEqual(
      expected(stretches, least)
    )
  })
})
