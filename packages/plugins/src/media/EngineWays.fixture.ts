import { Effect, Layer } from "effect"
import * as InstalledEngines from "../testing/InstalledEngines.js"
import * as TemporaryFolder from "../testing/TemporaryFolder.js"
import { MediaEngine } from "./MediaEngine.js"

const installed = await Effect.runPromise(InstalledEngines.find)

/** Engines as people have them: both installed, node-av alone, and ffmpeg alone. */
export const ways = installed.length > 1 ? (["auto", "node-av", "ffmpeg"] as const) : installed

/** ffmpeg alone has ffprobe beside it. */
export const live = (engine: (typeof ways)[number]) =>
  MediaEngine.with({ engine, ...(engine === "ffmpeg" ? { prober: "ffprobe" } : {}) }).pipe(
    Layer.provideMerge(TemporaryFolder.state)
  )
