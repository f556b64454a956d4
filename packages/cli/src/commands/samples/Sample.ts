import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { inline } from "../../output/Text.js"
import { Refused } from "../../Refused.js"

/** A sound or a clip that is synthesised on the spot. */
export interface Sample {
  /** `drums.wav` */
  readonly file: string
  readonly bytes: () => Buffer
}

/** All that there are. */
export const all: ReadonlyArray<Sample> = Object.entries(SampleMedia.samples).map(([file, bytes]) => ({ file, bytes }))

/** By its name: `drums`, or `drums.wav`. */
export const named = (name: string): Effect.Effect<Sample, Refused> =>
  Effect.fromNullable(all.find(({ file }) => file === name || file.replace(/\.\w+$/, "") === name)).pipe(
    Effect.mapError(
      () =>
        new Refused({
          code: ExitCode.usage,
          message: `No sample named '${inline(name)}'.`,
          help: `Available: ${all.map(({ file }) => file).join(", ")}.`
        })
    )
  )
