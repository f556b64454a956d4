import { describe, expect, it } from "@effect/vitest"
import { encode } from "fast-png"
import * as Colours from "./Colours.js"

const picture = (width: number, channels: number, pixel: (n: number) => ReadonlyArray<number>) =>
  encode({
    width,
    height: 2,
    channels,
    depth: 8,
    data: Uint8Array.from(Array.from({ length: width * 2 }, (_, n) => pixel(n)).flat())
  })

describe("Colours", () => {
  it("counts shares of colours, whatever the picture's size", () => {
    const red = Colours.ofPng(picture(4, 3, () => [255, 0, 0]))
    const redder = Colours.ofPng(picture(9, 4, () => [250, 10, 3, 255]))
    expect(red.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
    expect(Colours.distance(red, redder)).toBeCloseTo(0)
  })

  it("tells other colours apart, by how much of them there is", () => {
    const red = Colours.ofPng(picture(4, 3, () => [255, 0, 0]))
    const half = Colours.ofPng(picture(4, 3, (n) => (n % 2 === 0 ? [255, 0, 0] : [0, 0, 255])))
    const grey = Colours.ofPng(picture(4, 1, () => [128]))
    expect(Colours.distance(red, half)).toBeCloseTo(0.5)
    expect(Colours.distance(red, grey)).toBeCloseTo(1)
  })
})
