import type { RawSamples } from "../security/RawSamples.js"

/** What a decode needs to know beside its pass. */
export interface DecodeContext {
  /** `file:` and an absolute path. */
  readonly url: string
  /** FFmpeg's name of the container. */
  readonly container: string
  /** Bytes of the input, and where the links of a chained Ogg, or the parts of a joined Matroska, begin in it. */
  readonly size: number
  readonly links: ReadonlyArray<number> | undefined
  /** The samples, where they are read without their header. */
  readonly raw: RawSamples | undefined
  /** Length of the whole input in seconds. */
  readonly duration: number
  /** Ceiling of every output in bytes. */
  readonly maxBytes: number
  /** Called now and then with the seconds that are done; gives the event loop a turn. */
  readonly progress: (seconds: number) => Promise<void>
}
