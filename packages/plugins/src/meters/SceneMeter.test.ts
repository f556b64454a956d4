import { describe, expect, it } from "@effect/vitest"
import { HEIGHT, measure, WIDTH } from "./SceneMeter.js"

type Colour = readonly [red: number, green: number, blue: number]

/** Pictures of one colour each, with a white square that stands where it is told. */
const film = (pictures: ReadonlyArray<{ readonly colour: Colour; readonly square?: number }>): Uint8Array => {
  const bytes = new Uint8Array(pictures.length * WIDTH * HEIGHT * 3)
  pictures.forEach(({ colour, square }, n) => {
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const lit = square !== undefined && Math.abs((pixel % WIDTH) - square) < 4 && Math.floor(pixel / WIDTH) < 8
      for (let channel = 0; channel < 3; channel++)
        bytes[(n * WIDTH * HEIGHT + pixel) * 3 + channel] = lit ? 255 : (colour[channel] ?? 0)
    }
  })
  return bytes
}
const of = (count: number, colour: Colour, square?: (n: number) => number) =>
  Array.from({ length: count }, (_, n) => ({ colour, ...(square === undefined ? {} : { square: square(n) }) }))
const cuts = (pictures: Parameters<typeof film>[0], minimumSeconds = 0.5) =>
  measure(film(pictures), { rate: 4, threshold: 0.2, minimumSeconds, startSeconds: 0 }).scenes.map(
    ({ startSeconds }) => startSeconds
  )

const RED: Colour = [200, 30, 30]
const BLUE: Colour = [30, 30, 200]
const GREEN: Colour = [30, 200, 30]
const WHITE: Colour = [250, 250, 250]
const BLACK: Colour = [0, 0, 0]

describe("SceneMeter", () => {
  it("cuts where the colours change, and not where something moves", () => {
    expect(cuts([...of(8, RED), ...of(8, BLUE)])).toEqual([0, 2])
    expect(cuts(of(16, RED, (n) => 2 * n))).toEqual([0])
  })

  it("takes a slow fade for no cut, and a short scene for a part of the one before", () => {
    const fade = Array.from({ length: 24 }, (_, n): { colour: Colour } => ({ colour: [200 - 7 * n, 30, 30 + 7 * n] }))
    expect(cuts(fade)).toEqual([0])
    expect(cuts([...of(8, RED), ...of(1, BLUE), ...of(8, RED)], 1)).toEqual([0])
  })

  it("takes no flash for a cut, bright or black, but each of several short scenes that lasts long enough", () => {
    const flash = (pictures: number, colour: Colour) => cuts([...of(8, RED), ...of(pictures, colour), ...of(8, RED)], 1)
    for (const pictures of [1, 2, 3]) for (const colour of [WHITE, BLACK, BLUE]) expect(flash(pictures, colour)).toEqual([0])
    expect(flash(4, BLUE)).toEqual([0, 2, 3])
    expect(cuts([...of(8, RED), ...of(2, WHITE), ...of(8, BLUE)], 1)).toEqual([0, 2])
    const montage = [RED, BLUE, GREEN, WHITE, RED, BLUE, GREEN, WHITE].flatMap((colour) => of(2, colour))
    expect(cuts(montage, 1)).toEqual([0, 1, 2, 3])
  })

  it("knows black from dark with something lit in it, and black has no motion", () => {
    const { scenes } = measure(film([...of(4, RED), ...of(8, BLACK), ...of(8, BLACK, () => 10)]), {
      rate: 4,
      threshold: 0.2,
      minimumSeconds: 0.5,
      startSeconds: 10
    })
    expect(scenes.map(({ isBlack, motion, startSeconds }) => [startSeconds, isBlack, motion])).toEqual([
      [10, false, 0],
      [11, true, 0],
      [13, false, 0]
    ])
    expect(scenes[0]).toMatchObject({ red: 200, green: 30, blue: 30 })
  })

  it("gives nothing for nothing, and one scene for one picture", () => {
    expect(cuts([])).toEqual([])
    expect(cuts(of(1, RED))).toEqual([0])
  })
})
