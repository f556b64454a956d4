import { Library, Store } from "@mediaspool/core"
import { VectorIndex } from "@mediaspool/plugins"
import { Context, Effect, Exit, Layer, Option, RcRef, Ref, Schedule, Scope } from "effect"
import { statSync } from "node:fs"
import { join } from "node:path"
import { Away, away, PageError, words } from "../api/Problem.js"
import * as PageTables from "./PageTables.js"
import * as QueryClient from "./QueryClient.js"

/** An open library. */
export interface Opened {
  readonly store: Context.Context<Store.Store>
  readonly query: QueryClient.QueryClient
  /** Counts openings: what was kept of another one is worth nothing. */
  readonly opening: number
}

export type State =
  | { readonly _tag: "Ready"; readonly opened: Opened }
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Away"; readonly problem: Away }

export interface Service {
  /** Absolute; the folder of `spool.db`. */
  readonly folder: string
  /** How the library is, once it was looked for. */
  readonly state: Effect.Effect<State>
  /** The library, or why it can't be had at the moment. */
  readonly opened: Effect.Effect<Opened, Away>
  /** Runs something with the store's services. */
  readonly use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Away, Exclude<R, Store.Store>>
  /** Counts what people changed through this server: they see it at once, whatever was kept. */
  readonly edits: () => number
  /** Somebody has changed something. */
  readonly edited: Effect.Effect<void>
}

/** The thread that compares vectors ends after this long without a question. */
const VECTORS_IDLE = "1 minute"

const LOOK_EVERY = "2 seconds"

/** What tells a file from another one in its place. */
const identity = (file: string): string | undefined => {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`
}

export interface Options {
  /** Absolute path of the state folder. */
  readonly state: string
  /** The tables of the config's plugins. */
  readonly migrations: ReadonlyArray<Store.PluginMigrations>
}

const open = ({ migrations, state }: Options, opening: number): Effect.Effect<Opened, Away, Scope.Scope> =>
  Effect.gen(function* () {
    const query = yield* QueryClient.make(join(state, "spool.db"))
    // The thread waits two seconds for a lock, the store a minute, and on the thread that serves.
    yield* query.rows("SELECT count(*) FROM sqlite_schema", [])
    const layer = Store.layer(state, [...migrations, PageTables.migrations])
    const store = yield* Effect.mapError(Layer.build(layer), (error) => new Away(words(error)))
    const vectors = yield* RcRef.make({
      acquire: VectorIndex.inThread(join(state, "vectors.db")),
      idleTimeToLive: VECTORS_IDLE
    })
    return {
      opening,
      query,
      store: store.pipe(
        Context.add(Library, {
          write: Context.get(store, Library).write,
          // Reads of the library's own modules: off this thread as well. That it went away is no failure of theirs.
          read: ({ sql, values }) => Effect.orDie(query.rows(sql, values))
        }),
        Context.add(VectorIndex, {
          nearest: (vector, model, limit) =>
            Effect.scoped(Effect.flatMap(RcRef.get(vectors), (index) => index.nearest(vector, model, limit)))
        })
      )
    }
  })

/**
 * The library as it comes and goes: not there before the first run, moved away, locked, of a newer version, back again. Nobody has to
 * restart anything.
 */
export class LibraryConnection extends Context.Tag("@mediaspool/server/LibraryConnection")<LibraryConnection, Service>() {
  static readonly layer = (options: Options): Layer.Layer<LibraryConnection> =>
    Layer.scoped(
      LibraryConnection,
      Effect.gen(function* () {
        const file = join(options.state, "spool.db")
        const state = yield* Ref.make<State>({ _tag: "Absent" })
        const lock = yield* Effect.makeSemaphore(1)
        let held: { readonly scope: Scope.CloseableScope; readonly identity: string } | undefined
        let openings = 0
        let wasThere = false
        let edits = 0

        const close = Effect.suspend(() => {
          const closing = held?.scope
          held = undefined
          return closing === undefined ? Effect.void : Scope.close(closing, Exit.void)
        })
        const look = lock.withPermits(1)(
          Effect.gen(function* () {
            const there = identity(file)
            if (held !== undefined && held.identity === there) return
            yield* close
            if (there === undefined) {
              // A library that was there a moment ago is no first run.
              const problem = new Away(words(new PageError({ code: "LibraryAway", detail: `${file} was moved or deleted` })))
              return yield* Ref.set(state, wasThere ? { _tag: "Away", problem } : { _tag: "Absent" })
            }
            const scope = yield* Scope.make()
            const came = yield* Effect.either(Scope.extend(open(options, ++openings), scope))
            if (came._tag === "Left") {
              yield* Scope.close(scope, Exit.void)
              return yield* Ref.set(state, { _tag: "Away", problem: came.left })
            }
            held = { scope, identity: there }
            wasThere = true
            yield* Ref.set(state, { _tag: "Ready", opened: came.right })
          }).pipe(Effect.uninterruptible)
        )
        yield* Effect.addFinalizer(() => close)
        // The server listens meanwhile: who asks before the first look is through waits for it.
        const looked = yield* Effect.makeLatch()
        yield* Effect.forkScoped(Effect.repeat(Effect.zipRight(look, looked.open), Schedule.spaced(LOOK_EVERY)))
        const current = Effect.zipRight(looked.await, Ref.get(state))

        const opened = Effect.flatMap(current, (now): Effect.Effect<Opened, Away> => {
          if (now._tag === "Ready") return Effect.succeed(now.opened)
          return now._tag === "Absent" ? away("LibraryAbsent", "nothing has been run here yet") : Effect.fail(now.problem)
        })
        return {
          folder: options.state,
          state: current,
          opened,
          edits: () => edits,
          edited: Effect.sync(() => void edits++),
          use: (effect) =>
            Effect.flatMap(opened, ({ store }) => Effect.provide(effect, store)).pipe(
              Effect.catchSomeDefect((defect) => (defect instanceof Away ? Option.some(Effect.fail(defect)) : Option.none()))
            )
        }
      })
    )
}
