// Before each test file: a worker runs many of them, and in @effect/vitest 0.30 `layer(…)` leaves its own testers on the `it` of all,
// so that an `it.effect` of the next file would run in a layer that is none of its business.
import { effect, it, layer, live, prop, scoped, scopedLive } from "@effect/vitest"

Object.assign(it, { effect, layer, live, prop, scoped, scopedLive })
