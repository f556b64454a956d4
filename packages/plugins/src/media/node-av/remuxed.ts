import { AV_NOPTS_VALUE } from "node-av/constants"
import type { Stream } from "../Inspection.js"
import { longestGap, TimeAxis } from "../TimeAxis.js"
import type { CopyTrack, Span } from "./CopyTrack.js"
import { type InputFile, must, stop, streamOf } from "./InputFile.js"
import type { OutputFile } from "./OutputFile.js"

/** Containers that tell codecs by the tags of Windows. */
const tagged = new Set(["avi", "asf"])

/** A stream as it is, with its times moved to the start of the copy. */
export const remuxed = (
  first: InputFile,
  wanted: Stream,
  output: OutputFile,
  { container, origin, seconds }: Span
): CopyTrack => {
  let [source, base, last, jump] = [first, 0, 0, 0]
  let latest: bigint | undefined
  const axis = new TimeAxis(longestGap(container))
  const own = ({ streams }: InputFile) => streamOf(streams, wanted) ?? stop("Undecodable", `stream ${wanted.index} has gone`)
  const stream = own(first)
  const { den, num } = stream.timeBase
  const ticks = (seconds: number) => BigInt(Math.round((seconds * den) / num))
  const end = Number.isFinite(seconds) ? ticks(seconds) : undefined
  const place = output.add((target) => {
    must(stream.codecpar.copy(target.codecpar), "describing the stream")
    // An AVI's tag tells which kind of a codec it is; Matroska keeps it, and no other has a place for it.
    if (!(output.muxer.name === "matroska" && tagged.has(container))) target.codecpar.codecTag = 0
  }, stream.timeBase)
  return {
    index: () => own(source).index,
    take: (packet) => {
      const moment = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts
      if (moment !== AV_NOPTS_VALUE) {
        const { jumps } = axis
        const time = (Number(moment) * num) / den - source.start / 1e6 + base
        const place = axis.place(time, (Number(packet.duration) * num) / den)
        // Another recording begins, with times of its own.
        if (axis.jumps > jumps) jump = place - time
      }
      const offset = ticks(origin + source.start / 1e6 - base - jump)
      const moved = (time: bigint) => (time === AV_NOPTS_VALUE ? time : time - offset)
      packet.pts = moved(packet.pts)
      packet.dts = moved(packet.dts)
      if (packet.dts !== AV_NOPTS_VALUE) {
        // What an encoder put before a recording overlaps the end of the one before.
        if (latest !== undefined && packet.dts <= latest) packet.dts = latest + 1n
        if (packet.pts !== AV_NOPTS_VALUE && packet.pts < packet.dts) packet.pts = packet.dts
        latest = packet.dts
      }
      if (packet.pts !== AV_NOPTS_VALUE) last = Math.max(last, (Number(packet.pts + packet.duration) * num) / den + origin)
      if (end === undefined || packet.pts === AV_NOPTS_VALUE || packet.pts < end) output.write(packet, place)
    },
    end: () => last,
    follow: (next, seconds) => {
      if (own(next).codecpar.codecId !== stream.codecpar.codecId)
        stop("CodecRefused", "the recordings behind each other have different codecs, and can't be copied as they are")
      source = next
      base = seconds
    },
    finish: () => undefined
  }
}
