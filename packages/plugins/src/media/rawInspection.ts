import type { Inspection } from "./Inspection.js"
import type { RawSamples } from "./security/RawSamples.js"
import { placesOf } from "./Streams.js"

/** Bytes of a sample, by the name of its codec. */
const width = (codec: string): number => Number(/\d+/.exec(codec)?.[0] ?? 8) / 8

/** What is known of samples whose header was never completed: their length is that of their bytes. */
export const rawInspection = (raw: RawSamples, size: number): Inspection => {
  const { channels, codec, container, end, sampleRate, start } = raw
  const second = sampleRate * channels * width(codec)
  return {
    size,
    container,
    durationSeconds: second > 0 ? (end - start) / second : 0,
    raw,
    streams: [
      {
        index: 0,
        type: "audio",
        codec,
        sampleRate,
        channels,
        bitRate: second * 8,
        ...placesOf(codec, channels)
      }
    ],
    tags: {}
  }
}
