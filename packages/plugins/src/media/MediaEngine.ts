import type { Artifact, Original } from "@mediaspool/core"
import { Context, type Effect } from "effect"
import type { Probe } from "../kinds.js"
import type { MediaError } from "./MediaError.js"
import type { Answer, Want } from "./Want.js"

export type * from "./Want.js"

/** A file that the engine reads; never one that it writes. */
export type Input = Original | Artifact

export interface Service {
  /** `ffmpeg` or `node-av`, with the version: recorded with results, never part of their key. */
  readonly engine: { readonly name: string; readonly version: string }
  /** What the container says. Refuses what no decoder would accept: a sound needs a sample rate, channels and a duration. */
  readonly probe: (input: Input) => Effect.Effect<Probe, MediaError>
  /**
   * Answers a want. Requests on one input are merged into one decode, short inputs are packed into one process, long ones run
   * alone and report to `Progress`. Outputs are complete files or absent. Interruption ends the process when nobody else waits for it.
   */
  readonly ask: <const W extends Want>(input: Input, want: W) => Effect.Effect<Answer<W>, MediaError>
}

/** Reads and writes media, with ffmpeg where it is found and node-av where it is not. */
export class MediaEngine extends Context.Tag("@mediaspool/plugins/MediaEngine")<MediaEngine, Service>() {}
