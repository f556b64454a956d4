/** The global symbol under which the main thread keeps what is to happen when it blocks. */
export const BLOCKED = "@mediaspool/cli/blocked"

export interface WatchdogData {
  /** Counted up by the main thread as long as its event loop turns. */
  readonly beats: Int32Array<SharedArrayBuffer>
}
