import type { ByteRange } from "../security/FileBytes.js"
import type { RawSamples } from "../security/RawSamples.js"

/** What a decode needs to know beside its pass. */
export interface DecodeContext {
  /** `file:` and an absolute path. */
  readonly url: string
  /** FFmpeg's name of the container. */
  readonly container: string
  /** Seconds of the input before its first packet. */
  readonly lead: number | undefined
  /** The parts of the input that are read each as one, behind each other. */
  readonly parts: ReadonlyArray<ByteRange> | undefined
  /** Whether recordings stand behind each other in it: it can't be entered by its times. */
  readonly isJoined: boolean
  /** The samples, where they are read without their header. */
  readonly raw: RawSamples | undefined
  /** Length of the whole input in seconds. */
  readonly duration: number
  /** Ceiling of every output in bytes. */
  readonly maxBytes: number
  /** Called now and then with the seconds that are done; gives the event loop a turn. */
  readonly progress: (seconds: number) => Promise<void>
}
