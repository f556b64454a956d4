import { Effect, Exit } from "effect"
import type { Inspection, Refused } from "./Inspection.js"
import { MediaError } from "./MediaError.js"

/** Says what a file is, without decoding it. @param path a RawPath */
export type Prober = (path: string) => Effect.Effect<Inspection, MediaError>

/** What a prober found, or its refusal as an error. */
export const verdict = (found: Inspection | Refused): Exit.Exit<Inspection, MediaError> =>
  "refusal" in found ? Exit.fail(new MediaError({ code: found.refusal, detail: found.detail })) : Exit.succeed(found)
