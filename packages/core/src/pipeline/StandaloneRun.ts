import { Effect, type ParseResult, Schema } from "effect"
import type { StageFailure } from "../stage/Failure.js"
import type { Kind } from "../stage/Kind.js"
import { Node } from "../stage/Node.js"
import type { Inputs, Ports } from "../stage/Port.js"
import type { Stage } from "../stage/Stage.js"
import * as StageKey from "./StageKey.js"

/**
 * Runs a stage with its config as a person writes it, defaults left out: for a program of your own. `Node` gives the key that a
 * pipeline would give.
 *
 * @example const sound = yield* Stage.run(acoustic, { file }, { music: false })
 */
export const run = <
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends StageFailure,
  R
>(
  stage: Stage<Name, In, Out, C, E, R>,
  inputs: Inputs<In>,
  ...[config]: {} extends C["Encoded"] ? [config?: C["Encoded"]] : [config: C["Encoded"]]
): Effect.Effect<Out["Type"], E | ParseResult.ParseError, R> =>
  Effect.gen(function* () {
    const decoded = yield* Schema.decode(stage.config)(config ?? {}, { onExcessProperty: "error" })
    const around = yield* Node
    // Inside of a run, or a test, the node is theirs.
    if (around.node !== "none") return yield* stage.run(inputs, decoded)
    const parts = yield* stage.keyParts?.(decoded) ?? Effect.succeed({})
    const key = StageKey.make(stage, inputs, decoded, parts, around)
    return yield* Effect.provideService(stage.run(inputs, decoded), Node, {
      ...around,
      get key() {
        return key()
      }
    })
  })
