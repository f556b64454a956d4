import { Context, Effect, Layer } from "effect"
import { Database } from "./Database.js"
import { ProcessLock } from "./ProcessLock.js"
import type { StoreError } from "./StoreError.js"

export interface Service {
  /** Forgets what dead owners held. */
  readonly reclaim: Effect.Effect<void, StoreError>
  /** Claims contents for this process: says, in their order, which it got. Those of dead owners are taken over. */
  readonly acquire: (contents: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<boolean>, StoreError>
  /** The process that holds a content, for people; `undefined` where nobody does, or the system doesn't say. */
  readonly holder: (content: string) => Effect.Effect<string | undefined, StoreError>
  /** Posts that this process has ended with the content. */
  readonly release: (content: string) => void
}

const CLAIM = `INSERT INTO lease (content_hash, owner) VALUES (?, ?)
  ON CONFLICT (content_hash) DO UPDATE SET owner = excluded.owner WHERE owner = ? OR owner = excluded.owner`

const make = Effect.gen(function* () {
  const database = yield* Database
  const owner = yield* ProcessLock
  const release = database.prepare("DELETE FROM lease WHERE content_hash = ? AND owner = ?")

  const take = (contents: ReadonlyArray<string>, from: string | null) =>
    Effect.map(database.write(contents.map((content) => ({ sql: CLAIM, values: [content, owner.id, from] }))), (written) =>
      written.map(({ changes }) => changes === 1)
    )
  const holder = (content: string) =>
    Effect.map(
      database.reading(() => database.row("SELECT owner FROM lease WHERE content_hash = ?", [content])),
      (row) => (row === undefined ? null : String(row["owner"]))
    )

  /** How many items of this process work on a content that it holds. */
  const held = new Map<string, number>()
  const hold = (content: string) => void held.set(content, (held.get(content) ?? 0) + 1)

  const claim = (contents: ReadonlyArray<string>) =>
    Effect.flatMap(take(contents, null), (taken) =>
      taken.every((got) => got)
        ? Effect.succeed(taken)
        : Effect.forEach(contents, (content, i) =>
            taken[i] === true
              ? Effect.succeed(true)
              : Effect.flatMap(holder(content), (other) =>
                  other !== null && owner.lives(other)
                    ? Effect.succeed(false)
                    : Effect.map(take([content], other), ([got]) => got === true)
                )
          )
    )

  const service: Service = {
    reclaim: Effect.gen(function* () {
      const owners = yield* database.reading(() => database.rows("SELECT DISTINCT owner FROM lease", []))
      const dead = owners.map((row) => String(row["owner"])).filter((id) => !owner.lives(id))
      if (dead.length > 0) yield* database.write(dead.map((id) => ({ sql: "DELETE FROM lease WHERE owner = ?", values: [id] })))
    }),
    acquire: (contents) =>
      Effect.suspend(() => {
        const asked = [...new Set(contents.filter((content) => !held.has(content)))]
        return Effect.map(asked.length === 0 ? Effect.succeed([]) : claim(asked), (taken) => {
          const got = new Set(asked.filter((_, i) => taken[i] === true))
          return contents.map((content) => {
            const mine = held.has(content) || got.has(content)
            if (mine) hold(content)
            return mine
          })
        })
      }),
    holder: (content) => Effect.map(holder(content), (other) => (other === null ? undefined : owner.nameOf(other))),
    release: (content) => {
      const count = held.get(content) ?? 0
      if (count > 1) return void held.set(content, count - 1)
      held.delete(content)
      database.post(release, [content, owner.id])
    }
  }
  return service
})

/** Which process works on which content, so that two of them never do the same thing. */
export class ContentLocks extends Context.Tag("@mediaspool/core/Leases")<ContentLocks, Service>() {
  static readonly layer: Layer.Layer<ContentLocks, never, Database | ProcessLock> = Layer.effect(ContentLocks, make)
}
