import type { Packet } from "node-av/lib"
import type { InputFile } from "./InputFile.js"

/** One stream on its way into the copy. */
export interface CopyTrack {
  /** Its place in the part that is read. */
  readonly index: () => number
  readonly take: (packet: Packet) => void
  /** Takes what is left of a part of the file, and says at which second of the file it ends. */
  readonly end: () => number
  /** Goes on with the next part, which begins at that second of the file. */
  readonly follow: (source: InputFile, base: number) => void
  readonly finish: () => void
}

/** The stretch of the input that is copied, in seconds. */
export interface Span {
  /** FFmpeg's name of the container. */
  readonly container: string
  readonly origin: number
  readonly seconds: number
}
