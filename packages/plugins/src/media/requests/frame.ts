import type { ResultOf } from "../RequestHandler.js"

/** One frame of the picture as a PNG or JPEG; the last one when `atSeconds` lies behind the end. */
export interface Frame {
  readonly _tag: "Frame"
  readonly path: string
  readonly format: "png" | "jpeg"
  readonly atSeconds: number
  /** Pixels; the picture keeps its shape. */
  readonly width: number
}

export interface WrittenFrame {
  readonly size: number
  readonly width: number
  readonly height: number
}

/** A still's filters: square pixels, and JPEG keeps its colours over the full range. */
export const frameFilters = ({ format, width }: Frame): string =>
  `scale=w=${width}:h='max(2,2*round(${width}/dar/2))',setsar=1,format=${format === "png" ? "rgb24" : "yuvj420p"}`

/** FFmpeg's name of a still's codec. */
export const frameCodec = ({ format }: Frame): "png" | "mjpeg" => (format === "png" ? "png" : "mjpeg")

/** Width and height of a PNG or JPEG, from its first bytes; `undefined` when it is neither, or cut short. */
export const pictureSize = (bytes: Buffer): { readonly width: number; readonly height: number } | undefined => {
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    // Start of frame; C4, C8 and CC are other things.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** Carries out one still. */
export interface FrameHandler {
  readonly _tag: "Frame"
  readonly request: Frame
  readonly answer: ResultOf<WrittenFrame>
}

export const frame = (request: Frame): FrameHandler => ({
  _tag: "Frame",
  request,
  answer: {
    _tag: "FromBytes",
    result: (bytes) => {
      const shape = pictureSize(bytes)
      return shape === undefined ? undefined : { size: bytes.length, ...shape }
    }
  }
})
