import { Frame, Rational, type Stream as AvStream } from "node-av/lib"
import { closeSync, openSync, writeSync } from "node:fs"
import type { PicturesPass } from "../DecodePass.js"
import { upright } from "./decodeFrame.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pictureSource, pixelFormat } from "./FilterRun.js"
import { encodePicture, pathOf } from "./FrameSink.js"
import { type Complaints, must, stop } from "./InputFile.js"
import { readPictures } from "./readPictures.js"

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
const shownFor = ({ duration }: Frame, { avgFrameRate: { den, num }, timeBase }: AvStream): number =>
  duration > 0n ? (Number(duration) * timeBase.num) / timeBase.den : num > 0 ? den / num : 0

/** Writes pictures at a steady rate, one behind the other. */
export const decodePictures = async (pass: PicturesPass, context: DecodeContext, complaints: Complaints): Promise<void> => {
  const { duration, maxBytes } = context
  const { codec, filters, request } = pass.handler
  const origin = request.cut?.startSeconds ?? 0
  const seconds = request.cut?.durationSeconds ?? duration * 3 + 60
  const file = openSync(pathOf(request.path), "w")
  const last = new Frame()
  last.alloc()
  let [latest, written, lasts, isCut] = [-1, 0, 0, false]
  let run: FilterRun | undefined
  const write = (made: Frame) => {
    const bytes = codec === "mjpeg" ? encodePicture(made, "mjpeg") : rows(made)
    written += bytes.length
    if (written > maxBytes) stop("TooLarge", `the output passed ${maxBytes} bytes`)
    writeSync(file, bytes)
  }
  const show = (shown: Frame, tick: number) => {
    latest = Math.max(latest + 1, tick)
    shown.timeBase = new Rational(1, PICTURE_CLOCK)
    shown.pts = BigInt(latest)
    run?.push(pictureSource(shown, pixelFormat(shown.format)), shown, write)
  }
  try {
    await readPictures(pass.picture, origin, context, complaints, (decoded, at, stream) => {
      const time = at - origin
      isCut = time >= seconds
      if (isCut) return true
      // The one before the cut that lasts into it comes first.
      if (time < -1e-3) return false
      lasts = shownFor(decoded, stream)
      last.unref()
      must(last.ref(decoded), "keeping the picture")
      run ??= new FilterRun(upright(stream) + filters, "picture")
      show(decoded, Math.round(time * PICTURE_CLOCK))
      return false
    })
    if (run === undefined) return stop("Undecodable", complaints.first ?? "the decoder gave no picture")
    // The last picture stands until it ends: its last step is its own.
    const end = Math.min(seconds, latest / PICTURE_CLOCK + lasts) - 1 / request.rate
    if (!isCut && end * PICTURE_CLOCK > latest) show(last, Math.floor(end * PICTURE_CLOCK))
    run.end(write)
  } finally {
    closeSync(file)
    run?.close()
    last.free()
  }
}
