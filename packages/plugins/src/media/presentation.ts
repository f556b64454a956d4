import type { Inspection } from "./Inspection.js"
import type { Sniffed } from "./security/Sniff.js"
import { TOLERANCE } from "./TimeAxis.js"

/**
 * Seconds of the presentation before the first packet, as the edit lists of an MP4 tell; libav counts from that packet.
 *
 * @param start the first time in the file, in seconds
 */
export const leadOf = ({ edits }: Sniffed, start: number): number => {
  const lead = edits?.leadSeconds ?? 0
  return lead > TOLERANCE && start >= lead - TOLERANCE ? lead : 0
}

/** What a prober found, with what is empty within its sound: there libav plays the beginning once more. */
export const presented = (found: Inspection, { edits }: Sniffed): Inspection => {
  const sounds = found.streams.filter(({ type }) => type === "audio")
  const gapsOf = (stream: Inspection["streams"][number]) => edits?.gaps[sounds.indexOf(stream)] ?? []
  return edits === undefined || sounds.length !== edits.gaps.length
    ? found
    : { ...found, streams: found.streams.map((one) => (gapsOf(one).length === 0 ? one : { ...one, gaps: gapsOf(one) })) }
}
