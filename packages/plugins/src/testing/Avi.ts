import { chunk, format, interleave } from "./Wav.js"

export interface Picture {
  /** Pixels; a multiple of 4, so that rows need no padding. */
  readonly width: number
  readonly height: number
  readonly framesPerSecond: number
  readonly frames: number
  /** Stretches of the same length, each with a hue of its own. */
  readonly scenes: number
}

/** How blue the gradient is, scene by scene. */
const blues = [90, 230, 20, 160]

/** A bar of one colour that walks over a gradient, bottom row first as AVI wants it. */
const paint = (picture: Picture, frame: number): Buffer => {
  const blue = blues[Math.floor((frame * picture.scenes) / picture.frames) % blues.length] ?? 0
  const pixels = Buffer.alloc(picture.width * picture.height * 3)
  const bar = (frame * 3) % picture.width
  let at = 0
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) {
      const lit = Math.abs(x - bar) < 4
      pixels[at++] = lit ? 40 : Math.floor((255 * x) / picture.width)
      pixels[at++] = lit ? 200 : Math.floor((255 * y) / picture.height)
      pixels[at++] = lit ? 250 : blue
    }
  return pixels
}

const words = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4)
  return bytes
}

const streamHeader = (type: string, scale: number, rate: number, length: number, sampleSize: number): Buffer =>
  chunk("strh", Buffer.from(type), words(0, 0, 0, scale, rate, 0, length, 0, 0xffffffff, sampleSize, 0, 0))

/** An AVI file of raw frames and 16-bit PCM, or without sound: a moving picture that needs no encoder to make. */
export const encode = (
  picture: Picture,
  sound: { readonly channels: ReadonlyArray<Float32Array>; readonly rate: number } | undefined
): Buffer => {
  const { width, height, framesPerSecond, frames } = picture
  const frameBytes = width * height * 3
  const planes = Buffer.alloc(4)
  planes.writeUInt16LE(1, 0)
  planes.writeUInt16LE(24, 2)
  const bitmap = Buffer.concat([words(40, width, height), planes, words(0, frameBytes, 0, 0, 0, 0)])
  const streams = [
    chunk("LIST", Buffer.from("strl"), streamHeader("vidsDIB ", 1, framesPerSecond, frames, 0), chunk("strf", bitmap))
  ]
  const data: Array<Buffer> = []
  if (sound === undefined) for (let i = 0; i < frames; i++) data.push(chunk("00db", paint(picture, i)))
  else {
    const pcm = interleave(sound.channels)
    const block = sound.channels.length * 2
    const step = Math.round(sound.rate / framesPerSecond) * block
    const strh = streamHeader("auds\0\0\0\0", block, sound.rate * block, pcm.length / block, block)
    streams.push(chunk("LIST", Buffer.from("strl"), strh, chunk("strf", format(sound.rate, sound.channels.length))))
    for (let i = 0; i < frames; i++)
      data.push(
        chunk("00db", paint(picture, i)),
        chunk("01wb", pcm.subarray(i * step, i === frames - 1 ? undefined : (i + 1) * step))
      )
  }
  const header = chunk(
    "avih",
    words(
      Math.round(1e6 / framesPerSecond),
      frameBytes * framesPerSecond,
      0,
      0,
      frames,
      0,
      streams.length,
      frameBytes,
      width,
      height
    ),
    words(0, 0, 0, 0)
  )
  return chunk(
    "RIFF",
    Buffer.from("AVI "),
    chunk("LIST", Buffer.from("hdrl"), header, ...streams),
    chunk("LIST", Buffer.from("movi"), ...data)
  )
}
