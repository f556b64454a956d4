import { decode } from "fast-png"

/** How much of a picture is of which colour: 64 shares that add up to 1. */
export type Colours = ReadonlyArray<number>

/** Four steps of red, of green and of blue. */
const bin = (red: number, green: number, blue: number): number => (red >> 6) * 16 + (green >> 6) * 4 + (blue >> 6)

/** The colours of a PNG with 8 bits a channel: grey, RGB, with or without alpha. */
export const ofPng = (png: Uint8Array): Colours => {
  const { channels, data, height, width } = decode(png)
  const shares = new Array<number>(64).fill(0)
  const coloured = channels >= 3
  for (let at = 0; at < data.length; at += channels) {
    const red = data[at] ?? 0
    const n = coloured ? bin(red, data[at + 1] ?? 0, data[at + 2] ?? 0) : bin(red, red, red)
    shares[n] = (shares[n] ?? 0) + 1 / (width * height)
  }
  return shares
}

/** From 0 (the same colours) to 1 (none in common). What moves inside of a picture hardly changes its colours; a cut does. */
export const distance = (a: Colours, b: Colours): number =>
  a.reduce((sum, share, n) => sum + Math.abs(share - (b[n] ?? 0)), 0) / 2
