import type { StateFolder } from "@mediaspool/core"
import { Effect, Runtime, type Scope } from "effect"
import { type Engine, timeLimit } from "../Engine.js"
import * as DecoderPool from "./DecoderPool.js"

/**
 * Decodes and encodes with node-av, in child processes.
 *
 * @param slots children at once
 * @param maxBytes ceiling of every output
 */
export const make = (version: string, slots: number, maxBytes: number): Effect.Effect<Engine, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const pool = yield* DecoderPool.make(slots)
    return {
      name: "node-av",
      version,
      run: (jobs, progress) =>
        Effect.flatMap(Effect.runtime(), (runtime) =>
          pool.call({ type: "run", jobs, maxBytes }, timeLimit(jobs), (reply) => {
            if (reply.type === "progress") Runtime.runFork(runtime)(progress(reply.job, reply.seconds))
            return reply.type === "ran" ? reply.outcomes : undefined
          })
        )
    }
  })
