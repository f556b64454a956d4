import { exact, type PicturesHandler, type PicturesRequest } from "./pictures.js"
import { pictureSize } from "./frame.js"

/** JPEGs at a steady rate, in one file. */
export interface Stills extends PicturesRequest {
  readonly _tag: "Stills"
  /** Pixels of the longer side; the picture keeps its shape, and none is enlarged. */
  readonly size: number
}

/** A JPEG's bytes in the file. */
export interface Still {
  readonly offset: number
  readonly bytes: number
}

export interface WrittenStills {
  readonly stills: ReadonlyArray<Still>
  /** Pixels */
  readonly width: number
  readonly height: number
}

const START = Buffer.from([0xff, 0xd8, 0xff])
const END = Buffer.from([0xff, 0xd9])

/** Where each of the JPEGs lies that were written behind each other. Their data has no such marks: they are escaped in it. */
export const split = (bytes: Buffer): ReadonlyArray<Still> => {
  const found: Array<Still> = []
  for (let at = bytes.indexOf(START); at >= 0;) {
    const end = bytes.indexOf(END, at)
    if (end < 0) break
    found.push({ offset: at, bytes: end + END.length - at })
    at = bytes.indexOf(START, end)
  }
  return found
}

export const stills = (request: Stills): PicturesHandler<WrittenStills> => ({
  _tag: "Pictures",
  request,
  codec: "mjpeg",
  filters: (seconds, still) =>
    `${exact(request.rate, seconds, still)},scale=w='max(2,2*round(min(1,${request.size}/max(iw*sar,ih))*iw*sar/2))'` +
    `:h='max(2,2*round(min(1,${request.size}/max(iw*sar,ih))*ih/2))',setsar=1,format=yuvj420p`,
  answer: {
    _tag: "FromBytes",
    result: (bytes) => {
      const found = split(bytes)
      const [first] = found
      const shape = first && pictureSize(bytes.subarray(first.offset, first.offset + first.bytes))
      return shape === undefined ? undefined : { stills: found, ...shape }
    }
  }
})
