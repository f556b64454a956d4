import { AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants"
import type { Stream as AvStream } from "node-av/lib"

/** Degrees clockwise by which a stored picture is turned to be seen; to the next quarter. */
export const rotationOf = (stream: AvStream): number => {
  const matrix = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)
  if (matrix === null || matrix.length < 36) return 0
  const turned = (Math.atan2(matrix.readInt32LE(4), matrix.readInt32LE(0)) * 180) / Math.PI
  return (((Math.round(turned / 90) * 90) % 360) + 360) % 360
}
