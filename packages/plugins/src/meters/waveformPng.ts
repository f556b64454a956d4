import { crc32, deflateSync, inflateSync } from "node:zlib"
import type { Columns } from "./WaveformMeter.js"

/** How a waveform is drawn. */
export interface WaveformStyle {
  /** Pixels */
  readonly height: number
  /** `#rrggbb` */
  readonly colour: string
}

const chunk = (type: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data])
  const bytes = Buffer.alloc(named.length + 8)
  bytes.writeUInt32BE(data.length, 0)
  named.copy(bytes, 4)
  bytes.writeUInt32BE(crc32(named), named.length + 4)
  return bytes
}

/** zlib's: a third of a picture larger than its default would make it, in a quarter of the time. */
const LEVEL = 2

/** Opacity of nothing, of the peaks, and of the level. */
const OPACITY = [0, 0x66, 0xff]

/**
 * A waveform as a PNG of three colours on a transparent ground: the level (RMS) opaque, the peaks around it faint. Two bits a pixel make
 * it small and quick to pack.
 */
export const waveformPng = ({ peaks, squares }: Columns, { colour, height }: WaveformStyle): Buffer => {
  const width = peaks.length
  const stride = Math.ceil(width / 4)
  const rows = Buffer.alloc((stride + 1) * height)
  const middle = (height - 1) / 2
  for (let x = 0; x < width; x++) {
    const reach = Math.min(1, peaks[x] ?? 0) * (height / 2)
    const level = Math.min(1, Math.sqrt(squares[x] ?? 0)) * (height / 2)
    // A sound below one pixel is still a line; digital silence isn't.
    const seen = reach > 0 ? Math.max(0.5, reach) : -1
    for (let y = Math.max(0, Math.ceil(middle - seen)); y <= Math.min(height - 1, Math.floor(middle + seen)); y++) {
      const place = y * (stride + 1) + 1 + (x >> 2)
      const shade = Math.abs(y - middle) <= Math.max(level, 0.5) ? 2 : 1
      rows[place] = (rows[place] ?? 0) | (shade << (6 - 2 * (x & 3)))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Two bits a pixel, from a palette.
  header.set([2, 3, 0, 0, 0], 8)
  const rgb = Buffer.from(colour.slice(1), "hex")
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.concat([rgb, rgb, rgb])),
    chunk("tRNS", Buffer.from(OPACITY)),
    chunk("IDAT", deflateSync(rows, { level: LEVEL })),
    chunk("IEND", Buffer.alloc(0))
  ])
}

/** The rows of a picture that {@link waveformPng} drew, two bits a pixel and a byte before each row; `undefined` for any other. */
export const waveformRows = (png: Buffer): Buffer | undefined => {
  const packed: Array<Buffer> = []
  for (let at = 8; at + 12 <= png.length;) {
    const size = png.readUInt32BE(at)
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") packed.push(png.subarray(at + 8, at + 8 + size))
    at += 12 + size
  }
  try {
    return inflateSync(Buffer.concat(packed))
  } catch {
    return undefined
  }
}
