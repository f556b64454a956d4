import { Effect, Schedule, Stream } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"

/** Above this the process was too busy, or asleep, to trust what it has heard. */
const TOO_LONG_NANOS = 1e9

/** Tells when the event loop stood still for more than a second; looks every second. */
export const standstills: Stream.Stream<void> = Stream.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const delay = monitorEventLoopDelay({ resolution: 100 })
        delay.enable()
        return delay
      }),
      (delay) => Effect.sync(() => delay.disable())
    ),
    (delay) =>
      Stream.repeatEffectWithSchedule(
        Effect.sync(() => {
          const longest = delay.max
          delay.reset()
          return longest
        }),
        Schedule.spaced("1 second")
      ).pipe(
        Stream.filter((longest) => longest > TOO_LONG_NANOS),
        Stream.map(() => undefined)
      )
  )
)
