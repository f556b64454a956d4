import type { Inspection, Stream } from "./Inspection.js"
import type { EditLists } from "./security/EditLists.js"
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

/** What is empty within each sound: there libav plays the beginning once more. */
const withGaps = (found: Inspection, { gaps }: EditLists): Inspection => {
  const sounds = found.streams.filter(({ type }) => type === "audio")
  const gapsOf = (stream: Stream) => gaps[sounds.indexOf(stream)] ?? []
  return sounds.length !== gaps.length
    ? found
    : { ...found, streams: found.streams.map((one) => (gapsOf(one).length === 0 ? one : { ...one, gaps: gapsOf(one) })) }
}

/**
 * How long pictures are seen. libav counts to where the last of them is decoded, and a pause before the end, or pictures that are stored
 * in another order than they are shown, make that seconds too early.
 */
const withEnds = (found: Inspection, { pictures }: EditLists): Inspection => {
  const tracks = found.streams.filter(({ type }) => type === "video" || type === "picture")
  if (found.isJoined === true || (found.parts ?? []).length > 1 || tracks.length !== pictures.length) return found
  const spanOf = (stream: Stream) => (stream.type === "video" ? pictures[tracks.indexOf(stream)] : undefined)
  const end = Math.max(0, ...tracks.map((stream) => spanOf(stream)?.[1] ?? 0))
  return {
    ...found,
    // What an edit list tells is as exact as the clock of the whole file: it counts where it is another.
    durationSeconds: end > found.durationSeconds + TOLERANCE ? end : found.durationSeconds,
    streams: found.streams.map((stream) => {
      const [from = 0, to = 0] = spanOf(stream) ?? []
      const { promisedSeconds: told = Infinity } = stream
      return to - from > told + TOLERANCE ? { ...stream, promisedSeconds: to - from, stillSeconds: to - from - told } : stream
    })
  }
}

/** What a prober found, with what the edit lists of an MP4 say beside it. */
export const presented = (found: Inspection, { edits }: Sniffed): Inspection =>
  edits === undefined ? found : withEnds(withGaps(found, edits), edits)
