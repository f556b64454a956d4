import { type Frame, Rational, type Stream as AvStream } from "node-av/lib"
import { closeSync, openSync, writeFileSync } from "node:fs"
import type { PicturesPass } from "../DecodePass.js"
import { cropping } from "../Streams.js"
import type { DecodeContext } from "./DecodeContext.js"
import { PICTURE_CLOCK, pictureSource, pixelFormat } from "./FilterRun.js"
import { frameRate } from "./frameRate.js"
import { encodePicture, pathOf } from "./FrameSink.js"
import { type Complaints, stop } from "./InputFile.js"
import { readPictures } from "./readPictures.js"
import { upright } from "./rotation.js"
import { SteadyFilters } from "./SteadyFilters.js"

/** The rows of a picture of three bytes a pixel, without what libav pads them with. */
const rows = (frame: Frame): Buffer => {
  const [data] = frame.data ?? []
  const [stride = 0] = frame.linesize
  const width = 3 * frame.width
  return data === undefined
    ? stop("EngineFailed", "a picture without pixels")
    : Buffer.concat(Array.from({ length: frame.height }, (_, row) => data.subarray(row * stride, row * stride + width)))
}

/** Seconds that a picture stands, as its packet or the rate of its stream says. */
const shownFor = ({ duration }: Frame, stream: AvStream): number => {
  const { den, num } = frameRate(stream)
  return duration > 0n ? (Number(duration) * stream.timeBase.num) / stream.timeBase.den : num > 0 ? den / num : 0
}

/** Writes pictures at a steady rate, one behind the other. */
export const decodePictures = async (pass: PicturesPass, context: DecodeContext, complaints: Complaints): Promise<void> => {
  const { duration, maxBytes } = context
  const { codec, filters, request } = pass.handler
  const { promisedSeconds = Infinity, stillSeconds = 0 } = pass.picture
  const origin = request.cut?.startSeconds ?? 0
  const seconds = request.cut?.durationSeconds ?? duration * 3 + 60
  const file = openSync(pathOf(request.path), "w")
  let [latest, written] = [-1, 0]
  let run: SteadyFilters | undefined
  const write = (made: Frame) => {
    const bytes = codec === "mjpeg" ? encodePicture(made, "mjpeg") : rows(made)
    written += bytes.length
    if (written > maxBytes) stop("TooLarge", `the output passed ${maxBytes} bytes`)
    writeFileSync(file, bytes)
  }
  try {
    await readPictures(pass.picture, origin, context, complaints, (decoded, at, stream) => {
      const time = at - origin
      if (time >= seconds) return true
      // The one before the cut that lasts into it comes first.
      if (time < -1e-3) return false
      latest = Math.max(latest + 1, Math.round(time * PICTURE_CLOCK))
      const shape = pictureSource(decoded, pixelFormat(decoded.format))
      // The filters show the last one until it ends.
      decoded.duration = BigInt(Math.round(shownFor(decoded, stream) * PICTURE_CLOCK))
      decoded.timeBase = new Rational(1, PICTURE_CLOCK)
      decoded.pts = BigInt(latest)
      run ??= new SteadyFilters(
        cropping(pass.picture) + upright(stream) + filters(Math.min(seconds, duration, promisedSeconds), stillSeconds),
        "picture"
      )
      run.push(shape, decoded, write)
      return false
    })
    if (run === undefined) return stop("Undecodable", complaints.first ?? "the decoder gave no picture")
    run.end(write)
  } finally {
    closeSync(file)
    run?.close()
  }
}
