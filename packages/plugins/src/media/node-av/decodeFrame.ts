import { Frame, Rational } from "node-av/lib"
import type { FramePass } from "../DecodePass.js"
import { frameCodec, frameFilters } from "../requests/frame.js"
import { cropping } from "../Streams.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pictureSource, pixelFormat } from "./FilterRun.js"
import { writePicture } from "./FrameSink.js"
import { type Complaints, must, stop } from "./InputFile.js"
import { readPictures } from "./readPictures.js"
import { upright } from "./rotation.js"

/** Writes the frame that is shown at `at`, or the last one before the end. */
export const decodeFrame = async (pass: FramePass, context: DecodeContext, complaints: Complaints): Promise<void> => {
  const { request } = pass
  const taken = new Frame()
  taken.alloc()
  let turned: string | undefined
  await readPictures(pass.picture, pass.at, context, complaints, (frame, time, stream) => {
    turned = cropping(pass.picture) + upright(stream)
    taken.unref()
    must(taken.ref(frame), "keeping the frame")
    return time >= pass.at - 1e-3
  })
  if (turned === undefined) return stop("Undecodable", complaints.first ?? "the decoder gave no picture")
  const run = new FilterRun(turned + frameFilters(request), "picture")
  const shape = pictureSource(taken, pixelFormat(taken.format))
  taken.timeBase = new Rational(1, PICTURE_CLOCK)
  taken.pts = 0n
  const write = (frame: Frame) => writePicture(frame, frameCodec(request), request.path)
  run.push(shape, taken, write)
  run.close()
  taken.free()
}
