import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"

/** How much garbage may gather, in percent of what is in use, before V8 looks for it. Left to itself it lets the heap grow fourfold. */
const GARBAGE_PERCENT = 25

/**
 * Keeps the process small while much is under way at once, for some processor time. It holds for the whole process, and so is the
 * command's to say, not the library's.
 */
export const keepSmall: Effect.Effect<void> = Effect.sync(() => setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`))
