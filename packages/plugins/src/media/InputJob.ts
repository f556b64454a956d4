import type { Inspection } from "./Inspection.js"
import type { MediaRequest } from "./MediaRequest.js"

/** An input as an engine opens it, with everything asked of it: plain data, which a child process is sent. */
export interface InputJob {
  /** `file:` and an absolute path. */
  readonly url: string
  readonly inspection: Inspection
  /** Their paths are those of unfinished files. */
  readonly requests: ReadonlyArray<MediaRequest>
}
