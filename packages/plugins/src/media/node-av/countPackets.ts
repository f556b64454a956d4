import { AVDISCARD_ALL, AVDISCARD_DEFAULT } from "node-av/constants"
import { Dictionary, FormatContext, Packet } from "node-av/lib"
import { PacketScan, type Scanned } from "../PacketScan.js"
import { readerOf } from "../security/Demuxer.js"
import type { Sniffed } from "../security/Sniff.js"
import { onlyPart, partOf, sourceOptions } from "../security/Whitelist.js"
import { isElementary } from "./describeStream.js"
import { time } from "./streamTime.js"
import { inputFormat } from "./InputFile.js"

/** Hands every packet of sound and picture to a scan, without decoding any. */
const walk = (context: FormatContext, scanning: PacketScan): void => {
  const packet = new Packet()
  packet.alloc()
  const bases = context.streams.map((stream) => (isElementary(stream) ? stream.timeBase : undefined))
  for (const stream of context.streams) stream.discard = isElementary(stream) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
  while (context.readFrameSync(packet) >= 0) {
    const base = bases[packet.streamIndex]
    if (base !== undefined)
      scanning.add({
        stream: packet.streamIndex,
        decoded: time(packet.dts, base),
        shown: time(packet.pts, base),
        seconds: time(packet.duration, base) ?? 0
      })
    packet.unref()
  }
  packet.free()
}

/** Counts the packets of a file: of the opened context, and of the parts that stand behind each other. */
export const countPackets = (
  context: FormatContext,
  container: string,
  start: number | undefined,
  url: string,
  parts: Sniffed["parts"]
): Scanned => {
  const scanning = new PacketScan(container)
  if (parts === undefined || onlyPart(parts) !== undefined) walk(context, scanning)
  else
    for (const part of parts) {
      const one = new FormatContext()
      one.allocContext()
      if (
        one.openInputSync(
          partOf(url, part),
          inputFormat(readerOf(container)),
          Dictionary.fromObject({ ...sourceOptions(part), max_probe_packets: 1 })
        ) >= 0
      ) {
        one.findStreamInfoSync()
        walk(one, scanning)
        one.closeInputSync()
      }
    }
  return scanning.finish(start)
}
