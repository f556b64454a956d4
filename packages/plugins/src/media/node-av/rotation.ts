import { AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants"
import type { Stream as AvStream } from "node-av/lib"

/** The first two rows of a display matrix, without what moves the picture: `[a, b, c, d]`, the identity where a stream has none. */
const matrixOf = (stream: AvStream): readonly [a: number, b: number, c: number, d: number] => {
  const matrix = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)
  return matrix === null || matrix.length < 36
    ? [1, 0, 0, 1]
    : [matrix.readInt32LE(0), matrix.readInt32LE(4), matrix.readInt32LE(12), matrix.readInt32LE(16)]
}

/** Degrees clockwise by which a stored picture is turned to be seen; to the next quarter. */
export const rotationOf = (stream: AvStream): number => {
  const [a, b] = matrixOf(stream)
  const turned = (Math.atan2(b, a) * 180) / Math.PI
  return (((Math.round(turned / 90) * 90) % 360) + 360) % 360
}

/** Filters by the quarter that a picture is turned by; and for one that is mirrored as well, as cameras that face their owner do. */
const turns = ["", "transpose=clock,", "hflip,vflip,", "transpose=cclock,"]
const mirrors = ["vflip,", "transpose=cclock_flip,", "hflip,", "transpose=clock_flip,"]

/** Whether a stored picture is shown as in a mirror. */
export const isMirrored = (stream: AvStream): boolean => {
  const [a, b, c, d] = matrixOf(stream)
  return a * d - b * c < 0
}

/** The filters that show the picture as the camera was held; a phone's videos lie on their side without. */
export const upright = (stream: AvStream): string => (isMirrored(stream) ? mirrors : turns)[rotationOf(stream) / 90] ?? ""
