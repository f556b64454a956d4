import { Frame, Packet } from "node-av/lib"
import type { SoundPass } from "../DecodePass.js"
import type { RequestOutcome } from "../JobOutcome.js"
import { showsStreamsLate } from "../security/Whitelist.js"
import { TOLERANCE } from "../TimeAxis.js"
import type { DecodeContext } from "./DecodeContext.js"
import { type Complaints, decode, frames, open, packetTime, restart, seek, stop, timeOf } from "./InputFile.js"
import { SoundSequence } from "./SoundSequence.js"

/** Seconds of sound between two reports. */
const STRIDE = 20

/** What a decode may read beyond the length that is known, which a header may tell wrongly; a bomb's is cut. */
const beyond = (duration: number): number => duration * 3 + 60

/**
 * Decodes the sound once for all requests of a pass.
 *
 * @returns seconds that were decoded
 */
export const decodeSound = async (
  pass: SoundPass,
  context: DecodeContext,
  complaints: Complaints,
  outcomes: Map<number, RequestOutcome>
): Promise<number> => {
  const sequence = new SoundSequence(pass, context, outcomes)
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  const limit = pass.seconds ?? beyond(context.duration)
  const isDone = () => sequence.end >= limit || sequence.isFull
  let reported = 0
  // Parts may differ in everything, so each is opened as a file of its own.
  for (const range of context.parts ?? [undefined]) {
    const input = open(context.url, [pass.stream], {
      container: pass.container,
      late: showsStreamsLate(pass.container),
      lead: context.lead,
      range,
      raw: context.raw
    })
    const decoding = decode(input, pass.stream, 1)
    // A part's times are its own: it follows on the last.
    const isFollowing = range !== undefined && range !== context.parts?.[0]
    const base = isFollowing ? sequence.end : -pass.origin
    const take = (frame: Frame) => {
      const time = timeOf(input, frame, decoding)
      // Those of an Ogg count from anywhere.
      sequence.take(frame, time === undefined || (isFollowing && pass.container === "ogg") ? undefined : time + base)
    }
    let latest = -Infinity
    seek(input, pass.origin)
    while (!isDone() && input.context.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === decoding.stream.index) {
        const at = packetTime(packet, decoding)
        if (at !== undefined && at < latest - TOLERANCE) restart(decoding, frame, complaints, take)
        latest = at ?? latest
        frames(decoding, packet, frame, complaints, take)
      }
      packet.unref()
      if (sequence.end - reported > STRIDE) {
        reported = sequence.end
        await context.progress(Math.max(0, sequence.end))
      }
    }
    if (!isDone()) frames(decoding, null, frame, complaints, take)
    decoding.decoder.freeContext()
    input.context.closeInputSync()
  }
  if (sequence.isEmpty) stop("Undecodable", complaints.first ?? "the decoder gave no sound")
  sequence.finish()
  packet.free()
  frame.free()
  return sequence.seconds
}
