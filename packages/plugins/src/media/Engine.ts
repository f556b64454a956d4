import { Duration, type Effect } from "effect"
import type { MediaError } from "./MediaError.js"
import type { Outcome } from "./Outcome.js"
import type { Spec } from "./Pass.js"

/** Tells how far an input is, in seconds of it. */
export type Headway = (spec: number, seconds: number) => Effect.Effect<void>

/** What decodes and encodes: ffmpeg's command, or libav in child processes. */
export interface Engine {
  readonly name: "ffmpeg" | "node-av"
  readonly version: string
  /** One process for all specs. Outcomes come in their order. */
  readonly run: (specs: ReadonlyArray<Spec>, headway: Headway) => Effect.Effect<ReadonlyArray<Outcome>, MediaError>
}

/** Wall seconds that a second of sound or of recoded picture may take, on a slow machine under load. */
const SOUND = 2
const PICTURE = 30

/** How long a process may take: it scales with what there is to read. */
export const limit = (specs: ReadonlyArray<Spec>): Duration.Duration =>
  Duration.seconds(
    specs.reduce((sum, { inspection, wants }) => {
      const pictures = wants.filter((want) => want._tag === "VideoCopy" && want.videoCodec !== "copy").length
      return sum + inspection.durationSeconds * (SOUND + pictures * PICTURE)
    }, 120)
  )
