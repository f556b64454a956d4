import { Effect, Schedule, type Scope } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"

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
    const folders = await fs.readdir(outbox).catch(() => [])
    for (const folder of folders.filter((name) => FOLDER.test(name))) {
      const names = await fs.readdir(join(outbox, folder)).catch(() => [])
      for (const name of names.filter((name) => DELIVERY.test(name))) {
        const path = join(outbox, folder, name)
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

/** Sweeps now and then while the scope is open. */
export const keep = (outbox: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.forkScoped(
      Effect.repeat(
        Effect.suspend(() => sweep(outbox, Date.now())),
        Schedule.spaced(EVERY)
      )
    )
  )
