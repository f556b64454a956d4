import type { StateFolder } from "@mediaspool/core"
import { Effect, Runtime, type Scope } from "effect"
import { type Engine, limit } from "./Engine.js"
import * as Children from "./libav/Children.js"

/**
 * Decodes and encodes with node-av, in child processes.
 *
 * @param slots children at once
 * @param maxBytes ceiling of every output
 */
export const make = (version: string, slots: number, maxBytes: number): Effect.Effect<Engine, never, Scope.Scope | StateFolder> =>
  Effect.gen(function* () {
    const children = yield* Children.make(slots)
    return {
      name: "node-av",
      version,
      run: (specs, headway) =>
        Effect.flatMap(Effect.runtime(), (runtime) =>
          children.call({ type: "run", specs, maxBytes }, limit(specs), (reply) => {
            if (reply.type === "headway") Runtime.runFork(runtime)(headway(reply.spec, reply.seconds))
            return reply.type === "ran" ? reply.outcomes : undefined
          })
        )
    }
  })
