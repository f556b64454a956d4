import { Frame, Packet, Rational } from "node-av/lib"
import { closeSync, openSync, writeSync } from "node:fs"
import type { PicturesPass } from "../DecodePass.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { upright } from "./decodeFrame.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pictureSource, pixelFormat } from "./FilterRun.js"
import { encodePicture, pathOf } from "./FrameSink.js"
import { type Complaints, decode, frames, open, seek, stop, timeOf } from "./InputFile.js"

/** Seconds of the input between two reports. */
const STRIDE = 2

/** The rows of a picture of three bytes a pixel, without what libav pads them with. */
const rows = (frame: Frame): Buffer => {
  const [data] = frame.data ?? []
  const [stride = 0] = frame.linesize
  const width = 3 * frame.width
  return data === undefined
    ? stop("EngineFailed", "a picture without pixels")
    : Buffer.concat(Array.from({ length: frame.height }, (_, row) => data.subarray(row * stride, row * stride + width)))
}

/** Writes pictures at a steady rate, one behind the other. */
export const decodePictures = async (
  pass: PicturesPass,
  { container, duration, maxBytes, progress, url }: DecodeContext,
  complaints: Complaints
): Promise<void> => {
  const { codec, filters, request } = pass.handler
  const origin = request.cut?.startSeconds ?? 0
  const seconds = request.cut?.durationSeconds ?? duration * 3 + 60
  const source = open(url, [pass.picture], { late: showsStreamsLate(container) })
  const decoding = decode(source, pass.picture, 0)
  seek(source, origin)
  const run = new FilterRun(upright(decoding.stream) + filters, "picture")
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  const file = openSync(pathOf(request.path), "w")
  let [seen, latest, written, isOver] = [0, -1, 0, false]
  const write = (made: Frame) => {
    const bytes = codec === "mjpeg" ? encodePicture(made, "mjpeg") : rows(made)
    written += bytes.length
    if (written > maxBytes) stop("TooLarge", `the output passed ${maxBytes} bytes`)
    writeSync(file, bytes)
  }
  const take = (decoded: Frame) => {
    const time = (timeOf(source, decoded, decoding) ?? 0) - origin
    isOver ||= time >= seconds
    // The one before the cut that lasts into it comes first.
    if (isOver || time < -1e-3) return
    seen++
    latest = Math.max(latest + 1, Math.round(time * PICTURE_CLOCK))
    const shape = pictureSource(decoded, pixelFormat(decoded.format))
    decoded.timeBase = new Rational(1, PICTURE_CLOCK)
    decoded.pts = BigInt(latest)
    run.push(shape, decoded, write)
  }
  try {
    let told = 0
    while (!isOver && source.context.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === pass.picture.index) frames(decoding, packet, frame, complaints, take)
      packet.unref()
      const done = Math.max(0, latest / PICTURE_CLOCK)
      if (done - told >= STRIDE) {
        told = done
        await progress(origin + done)
      }
    }
    if (!isOver) frames(decoding, null, frame, complaints, take)
    if (seen === 0) stop("Undecodable", complaints.first ?? "the decoder gave no picture")
    run.end(write)
  } finally {
    closeSync(file)
    run.close()
    frame.free()
    packet.free()
    decoding.decoder.freeContext()
    source.context.closeInputSync()
  }
}
