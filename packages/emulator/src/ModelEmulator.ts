import { FileSystem } from "@effect/platform"
import { Effect, type Scope } from "effect"
import { MediaEngine } from "@mediaspool/plugins"
import { byEngine } from "./Decoder.js"
import * as EmulatorProcess from "./EmulatorProcess.js"
import { type Emulator, type NotListening, open as openServer, type Options, start as startServer } from "./Server.js"

export type { Event, Statement } from "./Usage.js"
export type { Decode } from "./Decoder.js"
export { Fault } from "./Fault.js"
export { type Emulator, NotListening, type Options } from "./Server.js"

/**
 * A model service on loopback, as strict as the real one: both of DashScope's protocols, its temporary upload, and what vLLM and
 * SGLang offer. It decodes the audio that it gets and answers from what it measures, so a wrong file is a wrong answer. Takes the key
 * `sk-emulator`. Reads only PCM in WAV, and sees nothing; {@link startWithEngine} reads what the media engine reads.
 */
export const start: (options?: Options) => Effect.Effect<Emulator, never, Scope.Scope> = startServer

/** {@link start}, with every format that the media engine decodes; fails when the port that was asked for is taken. */
export const openWithEngine = (
  options: Omit<Options, "decode" | "look"> = {}
): Effect.Effect<Emulator, NotListening, Scope.Scope | MediaEngine | FileSystem.FileSystem> =>
  Effect.flatMap(byEngine, (senses) => openServer({ ...options, ...senses }))

/** {@link openWithEngine} for tests, which take a free port. */
export const startWithEngine = (
  options: Omit<Options, "decode"> = {}
): Effect.Effect<Emulator, never, Scope.Scope | MediaEngine | FileSystem.FileSystem> => Effect.orDie(openWithEngine(options))

/** {@link startWithEngine} in a process of its own: it goes on counting when the process under test is killed. */
export const startProcess: (options?: Omit<Options, "decode">) => Effect.Effect<Emulator, never, Scope.Scope> =
  EmulatorProcess.start

/** The emulator that runs at this address, in whichever process: `http://127.0.0.1:4711`. */
export const at: (origin: string) => Emulator = EmulatorProcess.at
