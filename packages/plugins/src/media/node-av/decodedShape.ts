import { Frame, Packet } from "node-av/lib"
import type { Stream } from "../Inspection.js"
import { TOLERANCE } from "../TimeAxis.js"
import { decode, DecodeError, frames, open, type Opening, timeOf } from "./InputFile.js"

/** Packets after which a decoder that gave nothing is left alone. */
const PACKETS = 20

/** What the first frame of a sound says of it. */
type Shape = Pick<Stream, "sampleRate" | "channels" | "startSeconds">

/** Sample rate, channels and start as the decoder gives them, from the first packets; `undefined` where it gives nothing. */
export const decodedShape = (url: string, stream: Stream, opening: Opening): Shape | undefined => {
  try {
    const input = open(url, [stream], opening)
    const decoding = decode(input, stream, 1)
    const packet = new Packet()
    packet.alloc()
    const frame = new Frame()
    frame.alloc()
    let shape: Shape | undefined
    for (let n = 0; n < PACKETS && shape === undefined && input.context.readFrameSync(packet) >= 0;) {
      if (packet.streamIndex === stream.index) {
        n++
        frames(decoding, packet, frame, { count: 0, first: undefined }, (frame) => {
          const start = timeOf(input, frame, decoding) ?? 0
          shape ??= {
            sampleRate: frame.sampleRate,
            channels: frame.channels,
            ...(start > TOLERANCE ? { startSeconds: start } : {})
          }
        })
      }
      packet.unref()
    }
    packet.free()
    frame.free()
    decoding.decoder.freeContext()
    input.context.closeInputSync()
    return shape
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
