import { StateFolder } from "@mediaspool/core"
import { Clock, Effect } from "effect"
import * as FfmpegEngine from "./ffmpeg/FfmpegEngine.js"
import type { MediaError } from "./MediaError.js"
import * as NodeAvEngine from "./node-av/NodeAvEngine.js"
import * as Programs from "./Programs.js"
import { closesWhitelist } from "./security/proveWhitelist.js"

/** One program that reads media. */
export interface Finding {
  readonly name: "ffmpeg" | "node-av"
  readonly version: string
  /** Where it is; absent for a package. */
  readonly path?: string | undefined
  /** Whether it leaves playlists alone. One that doesn't is not used. */
  readonly safe: boolean
  /** What a person should know: an old version, a missing ffprobe. */
  readonly warnings: ReadonlyArray<{ readonly detail: string; readonly help: string }>
}

/** FFmpeg's oldest version that still gets security fixes; Debian maintains 5.1 on its own. */
const OLDEST = 5

const age = (version: string): Finding["warnings"] => {
  const major = Number(/^n?(\d+)/.exec(version)?.[1])
  const detail = `ffmpeg ${version} is old: faults in its decoders are known and stay`
  return major < OLDEST ? [{ detail, help: `Install version ${OLDEST} or later, or set FFMPEG_PATH.` }] : []
}

/** Looks at everything that could read media here, used or not. Fails when a variable names what can't be run. */
export const examine: Effect.Effect<ReadonlyArray<Finding>, MediaError, StateFolder> = Effect.gen(function* () {
  const { ffmpeg, nodeAv } = yield* Programs.findAgain
  const findings: Array<Finding> = []
  if (ffmpeg !== undefined) {
    const engine = yield* FfmpegEngine.make({ path: ffmpeg.path, guard: [] }, ffmpeg.version, ffmpeg.encoders, 1, 1e6)
    const unprobed = ffmpeg.ffprobe === undefined && nodeAv === undefined
    findings.push({
      name: "ffmpeg",
      version: ffmpeg.version,
      path: ffmpeg.path,
      safe: yield* closesWhitelist(engine),
      warnings: [
        ...age(ffmpeg.version),
        ...(unprobed ? [{ detail: "there is no ffprobe beside ffmpeg", help: "Set FFPROBE_PATH, or install node-av." }] : [])
      ]
    })
  }
  if (nodeAv !== undefined) {
    const engine = yield* NodeAvEngine.make(nodeAv, 1, 1e6)
    findings.push({ name: "node-av", version: nodeAv, safe: yield* closesWhitelist(engine), warnings: [] })
  }
  return findings
}).pipe(Effect.scoped, Effect.withClock(Clock.make()))
