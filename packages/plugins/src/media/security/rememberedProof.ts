import type { StateFolder } from "@mediaspool/core"
import { Effect } from "effect"
import type { Engine } from "../Engine.js"
import type { MediaError } from "../MediaError.js"
import * as ProgramMemory from "../ProgramMemory.js"
import { closesWhitelist } from "./proveWhitelist.js"

/** Whether the engine leaves a playlist alone that names another file: as it is remembered of its program, and else tried. */
export const rememberedProof = (engine: Engine): Effect.Effect<boolean, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const { program, version } = engine
    if (program === undefined) return yield* closesWhitelist(engine)
    const known = yield* ProgramMemory.recall(program)
    if (known?.version === version && known.isSafe === true) return true
    const isSafe = yield* closesWhitelist(engine)
    if (isSafe) yield* ProgramMemory.keep(program, { encoders: known?.encoders, version, isSafe })
    return isSafe
  })
