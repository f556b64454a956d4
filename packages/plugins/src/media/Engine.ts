import { Duration, type Effect } from "effect"
import type { InputJob } from "./InputJob.js"
import type { JobOutcome } from "./JobOutcome.js"
import { handlerOf } from "./MediaRequest.js"
import type { MediaError } from "./MediaError.js"

/** Tells how far a job is, in seconds of its input. */
export type OnProgress = (job: number, seconds: number) => Effect.Effect<void>

/** What decodes and encodes: ffmpeg's command, or libav in child processes. */
export interface Engine {
  readonly name: "ffmpeg" | "node-av"
  readonly version: string
  /** The file that is run, where it is one of its own. */
  readonly program?: string | undefined
  /** One process for all jobs. Outcomes come in their order. */
  readonly run: (jobs: ReadonlyArray<InputJob>, progress: OnProgress) => Effect.Effect<ReadonlyArray<JobOutcome>, MediaError>
}

/** Wall seconds that a second of sound or of recoded picture may take, on a slow machine under load. */
const SOUND = 2
const PICTURE = 30
/** The same for a picture that is only looked at. */
const LOOK = 10

/** How long a process may take: it scales with what there is to read. */
export const timeLimit = (jobs: ReadonlyArray<InputJob>): Duration.Duration =>
  Duration.seconds(
    jobs.reduce((sum, { inspection, requests }) => {
      const pictures = requests.filter((request) => request._tag === "VideoCopy" && request.videoCodec !== "copy").length
      const looks = requests.filter((request) => handlerOf(request)._tag === "Pictures").length
      return sum + inspection.durationSeconds * (SOUND + pictures * PICTURE + looks * LOOK)
    }, 120)
  )
