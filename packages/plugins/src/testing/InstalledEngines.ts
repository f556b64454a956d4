import { Effect } from "effect"
import * as Programs from "../media/Programs.js"
import * as TemporaryFolder from "./TemporaryFolder.js"

export type EngineName = "ffmpeg" | "node-av"

/** What this machine can read media with: a test runs against each. */
export const find: Effect.Effect<ReadonlyArray<EngineName>> = Effect.gen(function* () {
  const { ffmpeg, nodeAv } = yield* Effect.orDie(Programs.find)
  return [...(ffmpeg === undefined ? [] : ["ffmpeg" as const]), ...(nodeAv === undefined ? [] : ["node-av" as const])]
}).pipe(Effect.provide(TemporaryFolder.state))
