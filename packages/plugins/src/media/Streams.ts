import type { Inspection, Refused, Stream } from "./Inspection.js"

/** The stream that stages listen to. */
export const sound = (inspection: Inspection): Stream | undefined => inspection.streams.find(({ type }) => type === "audio")

/** The moving picture. */
export const picture = (inspection: Inspection): Stream | undefined => inspection.streams.find(({ type }) => type === "video")

/**
 * The last word on what a demuxer said: a stream without a sample rate, channels or a picture's size is none, and a file without a
 * stream or a duration isn't media.
 */
export const judge = (found: Inspection): Inspection | Refused => {
  const streams = found.streams.filter((stream) =>
    stream.type === "audio"
      ? (stream.sampleRate ?? 0) > 0 && (stream.channels ?? 0) > 0
      : stream.type !== "video" || ((stream.width ?? 0) > 0 && (stream.height ?? 0) > 0)
  )
  if (!streams.some(({ type }) => type === "audio" || type === "video"))
    return { refusal: "NotMedia", detail: "no stream has a sample rate and channels, or a picture's size" }
  if (!(found.durationSeconds > 0)) return { refusal: "NotMedia", detail: "it holds no sound and no picture" }
  return { ...found, streams }
}
