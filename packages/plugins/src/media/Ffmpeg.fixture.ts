import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import * as SampleMedia from "../testing/SampleMedia.js"

export const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0

/** A file that only ffmpeg makes. */
export const ffmpeg = (folder: string, name: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const path = join(folder, name)
    const { status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, path], { encoding: "utf8" })
    if (status !== 0) return yield* Effect.dieMessage(`ffmpeg ended with ${status}: ${stderr}`)
    return yield* SampleMedia.original(path)
  })
