import { Frame, Packet, type Stream as AvStream } from "node-av/lib"
import type { Stream } from "../Inspection.js"
import type { ByteRange } from "../security/FileBytes.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { longestGap, TimeAxis } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { pixelAspect } from "./FilterRun.js"
import { frameRate } from "./frameRate.js"
import { type Complaints, decode, frames, open, seek, timeOf } from "./InputFile.js"

/** Takes a picture with its time in seconds of the file; `true` ends the reading. */
export type TakePicture = (frame: Frame, time: number, stream: AvStream) => boolean

/** Seconds of pictures between two turns of the event loop. */
const STRIDE = 2

/** Decodes the pictures from the key frame before `origin` on, through all parts of the file, on the file's axis. */
export const readPictures = async (
  wanted: Stream,
  origin: number,
  { container, isJoined, lead, parts, progress, url }: DecodeContext,
  complaints: Complaints,
  take: TakePicture
): Promise<void> => {
  const axis = new TimeAxis(longestGap(container))
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  let [isOver, told, base] = [false, origin, 0]
  const read = async (range: ByteRange | undefined, from: number) => {
    const source = open(url, [wanted], { container, late: showsStreamsLate(container), lead, range })
    const decoding = decode(source, wanted, 0)
    const { den, num } = frameRate(decoding.stream)
    const lasts = num > 0 && den > 0 ? den / num : 0
    const each = (frame: Frame) => {
      if (isOver) return
      const time = timeOf(source, frame, decoding)
      frame.sampleAspectRatio = pixelAspect(decoding.stream, frame)
      isOver = take(frame, axis.place(time === undefined ? undefined : time + base, 0), decoding.stream)
    }
    seek(source, from)
    while (!isOver && source.context.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === decoding.stream.index) frames(decoding, packet, frame, complaints, each)
      packet.unref()
      if ((axis.end ?? 0) - told >= STRIDE) {
        told = axis.end ?? 0
        await progress(told)
      }
    }
    if (!isOver) frames(decoding, null, frame, complaints, each)
    base = (axis.end ?? 0) + lasts
    decoding.decoder.freeContext()
    source.context.closeInputSync()
  }
  for (const range of parts ?? [undefined]) if (!isOver) await read(range, isJoined ? 0 : origin)
  // A transport stream may be entered behind its last key frame.
  if (axis.end === undefined && origin > 0 && !isJoined) await read(undefined, 0)
  packet.free()
  frame.free()
}
