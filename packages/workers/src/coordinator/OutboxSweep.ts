import { Effect, Schedule, type Scope } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { DELIVERIES } from "../files/Roots.js"
import { WorkerError } from "../protocol/WorkerError.js"

/** What a delivery, or half of one, is called: `KEY.SLOT.DELIVERY.EXTENSION`. */
const DELIVERY = /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}(\.part)?$/
/** The folders that deliveries lie in: two characters of the key. */
const FOLDER = /^[A-Za-z0-9_-]{2}$/
/** An answer is kept for an hour: after a day nobody asks for its files any more, whatever the clocks of the machines say. */
const OLD_MILLIS = 24 * 3_600_000
const EVERY = "1 hour"

/** Removes deliveries that nobody took: of workers that died, or that answered too late. Gives how many. */
export const sweep = (outbox: string, now: number): Effect.Effect<number> =>
  Effect.promise(async () => {
    let removed = 0
    const deliveries = join(outbox, DELIVERIES)
    const folders = await fs.readdir(deliveries).catch(() => [])
    for (const folder of folders.filter((name) => FOLDER.test(name))) {
      const names = await fs.readdir(join(deliveries, folder)).catch(() => [])
      for (const name of names.filter((name) => DELIVERY.test(name))) {
        const path = join(deliveries, folder, name)
        const { mtimeMs } = await fs.stat(path).catch(() => ({ mtimeMs: now }))
        if (now - mtimeMs <= OLD_MILLIS) continue
        await fs.rm(path, { force: true }).then(
          () => removed++,
          () => {}
        )
      }
    }
    return removed
  })

/** Makes the outbox, and sweeps it now and then while the scope is open. Workers only fill it: a share that isn't mounted has none. */
export const keep = (outbox: string): Effect.Effect<void, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const deliveries = join(outbox, DELIVERIES)
    yield* Effect.tryPromise({
      try: async () => {
        await fs.mkdir(deliveries, { recursive: true })
        await fs.access(deliveries, fs.constants.W_OK)
      },
      catch: (cause) => new WorkerError({ code: "OutboxUnusable", detail: `workers.outbox: ${String(cause)}` })
    })
    const now = Effect.suspend(() => sweep(outbox, Date.now()))
    yield* Effect.forkScoped(Effect.repeat(now, Schedule.spaced(EVERY)))
  })
