import { Frame, Packet, Rational, type Stream as AvStream } from "node-av/lib"
import type { FramePass } from "../DecodePass.js"
import { frameCodec, frameFilters } from "../requests/frame.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import type { DecodeContext } from "./DecodeContext.js"
import { FilterRun, PICTURE_CLOCK, pictureSource, pixelFormat } from "./FilterRun.js"
import { writePicture } from "./FrameSink.js"
import { type Complaints, decode, frames, must, open, seek, stop, timeOf } from "./InputFile.js"
import { rotationOf } from "./rotation.js"

/** The filters that turn the picture as the camera was held; a phone's videos lie on their side without. */
export const upright = (stream: AvStream): string => {
  switch (rotationOf(stream)) {
    case 90:
      return "transpose=clock,"
    case 180:
      return "hflip,vflip,"
    case 270:
      return "transpose=cclock,"
    default:
      return ""
  }
}

/** Writes the frame that is shown at `at`, or the last one before the end. */
export const decodeFrame = (pass: FramePass, { container, url }: DecodeContext, complaints: Complaints): void => {
  const { request } = pass
  const source = open(url, [pass.picture], { late: showsStreamsLate(container) })
  const decoding = decode(source, pass.picture, 0)
  seek(source, pass.at)
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  const taken = new Frame()
  taken.alloc()
  let seen = 0
  let found = false
  const take = (frame: Frame) => {
    if (found) return
    seen++
    taken.unref()
    must(taken.ref(frame), "keeping the frame")
    found = (timeOf(source, frame, decoding) ?? 0) >= pass.at - 1e-3
  }
  while (!found && source.context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === pass.picture.index) frames(decoding, packet, frame, complaints, take)
    packet.unref()
  }
  if (!found) frames(decoding, null, frame, complaints, take)
  if (seen === 0) stop("Undecodable", complaints.first ?? "the decoder gave no picture")
  const run = new FilterRun(upright(decoding.stream) + frameFilters(request), "picture")
  const shape = pictureSource(taken, pixelFormat(taken.format))
  taken.timeBase = new Rational(1, PICTURE_CLOCK)
  taken.pts = 0n
  const write = (frame: Frame) => writePicture(frame, frameCodec(request), request.path)
  run.push(shape, taken, write)
  run.close()
  taken.free()
  frame.free()
  packet.free()
  decoding.decoder.freeContext()
  source.context.closeInputSync()
}
