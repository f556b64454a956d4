import type { Artifact, Original, StateFolder } from "@mediaspool/core"
import { Context, type Effect, Layer } from "effect"
import type { Probe } from "../kinds.js"
import { make, type Options } from "./Live.js"
import type { MediaError } from "./MediaError.js"
import type { Answer, Want } from "./Want.js"

export type { Options } from "./Live.js"
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
export class MediaEngine extends Context.Tag("@mediaspool/plugins/MediaEngine")<MediaEngine, Service>() {
  /** With what is installed; options narrow the choice. Never fails: where nothing is installed, every request does. */
  static readonly with = (options: Options): Layer.Layer<MediaEngine, never, StateFolder> =>
    Layer.scoped(MediaEngine, make(options))

  /** With what is installed: `MEDIASPOOL_ENGINE` (`ffmpeg`, `node-av`) narrows the choice. */
  static readonly layer: Layer.Layer<MediaEngine, never, StateFolder> = Layer.suspend(() => {
    const asked = process.env["MEDIASPOOL_ENGINE"]
    return MediaEngine.with(asked === "ffmpeg" || asked === "node-av" ? { engine: asked } : {})
  })
}
