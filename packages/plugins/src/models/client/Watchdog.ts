import { Clock, Effect } from "effect"

/** How long a request may take, in seconds. */
export interface Patience {
  /** From sending to the first byte. */
  readonly firstByte: number
  /** From the first byte, and from then on between two pieces that say something. */
  readonly idle: number
  /** From sending to the end. */
  readonly total: number
}

/** What ran out. */
export type Expiry = { readonly of: keyof Patience; readonly seconds: number }

/** Watches over one request. It counts only the time in which the process could have read. */
export interface Watchdog {
  /** The first byte came. */
  readonly began: () => void
  /** A piece came that says something. */
  readonly fed: () => void
  /** Everything has come; what may still follow is waited for a moment. */
  readonly whole: () => void
  /** Ends with what ran out, or with `undefined` when nothing has followed what was whole. */
  readonly watch: Effect.Effect<Expiry | undefined>
}

type Phase = "sent" | "reading" | "whole"

/** Seconds to wait for the end of an answer that is whole. */
const GRACE = 1
/** Seconds between two looks at the clock. */
const LOOK = 0.25

const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e9)

/**
 * A process that was stopped (Ctrl-Z, a suspended laptop, a blocked event loop) wakes up with its timers due and with answers in its
 * sockets, and timers come first. So a look that comes late counts as one that came in time, and nothing expires on it: what lies in
 * the sockets is read before the next.
 */
export const make = (patience: Patience): Watchdog => {
  const look = Math.min(LOOK, patience.firstByte / 4, patience.idle / 4, patience.total / 4)
  let awake = 0
  let since = 0
  let phase: Phase = "sent"
  let wasLate = false

  const expired = (): Expiry | undefined => {
    const limit = phase === "sent" ? "firstByte" : "idle"
    if (awake - since >= patience[limit]) return { of: limit, seconds: patience[limit] }
    return awake >= patience.total ? { of: "total", seconds: patience.total } : undefined
  }

  const watch = Effect.gen(function* () {
    while (true) {
      const before = yield* now
      yield* Effect.sleep(look * 1000)
      const slept = (yield* now) - before
      const late = slept > 2 * look
      awake += late ? look : slept
      const judged = !late || wasLate
      wasLate = late && !wasLate
      if (!judged) continue
      if (phase === "whole") {
        if (awake - since >= GRACE) return undefined
        continue
      }
      const expiry = expired()
      if (expiry !== undefined) return expiry
    }
  })

  return {
    began: () => {
      if (phase !== "sent") return
      phase = "reading"
      since = awake
    },
    fed: () => {
      if (phase !== "whole") since = awake
    },
    whole: () => {
      if (phase === "whole") return
      phase = "whole"
      since = awake
    },
    watch
  }
}
