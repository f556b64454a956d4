import { avGetCodecName, type CodecContext, type Frame, type Packet, type Stream as AvStream } from "node-av/lib"

/** Kinds of AMR frames in which nothing is spoken: comfort noise, or nothing sent (3GPP TS 26.101 and 26.201, 4.1). libav decodes none. */
const pauses: Readonly<Record<string, ReadonlySet<number>>> = {
  amr_nb: new Set([8, 9, 10, 11, 15]),
  amr_wb: new Set([9, 14, 15])
}

/** Frames of AMR a second. */
const RATE = 50

/** Whether a packet says that its speaker pauses. */
export const isPause = (stream: AvStream, packet: Packet): boolean => {
  const [first] = packet.data ?? []
  return first !== undefined && pauses[avGetCodecName(stream.codecpar.codecId) ?? ""]?.has((first >> 3) & 15) === true
}

/**
 * Makes a frame the silence of a pause.
 *
 * @returns libav's code, negative where it has no memory
 */
export const fillPause = (decoder: CodecContext, packet: Packet, frame: Frame): number => {
  frame.sampleRate = decoder.sampleRate
  frame.channelLayout = decoder.channelLayout
  frame.format = decoder.sampleFormat
  frame.nbSamples = decoder.sampleRate / RATE
  frame.pts = packet.pts
  const code = frame.getBuffer()
  for (const plane of frame.data ?? []) plane.fill(0)
  return code
}
