/**
 * What was learnt of the programs that read media, so that a start needs none of them: in `engines.json` of the user's cache, or of the
 * state folder where there is no such cache.
 */
import { StateFolder } from "@mediaspool/core"
import { Clock, Duration, Effect, Schema } from "effect"
import { promises as fs } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"

const Learnt = Schema.Struct({
  /** What tells the program from another, and from its next version. */
  mark: Schema.String,
  /** Milliseconds since 1970. */
  at: Schema.Number,
  version: Schema.String,
  encoders: Schema.optional(Schema.Array(Schema.String)),
  /** Whether it left alone what a planted playlist named. */
  isSafe: Schema.optional(Schema.Boolean)
})
export type Learnt = Omit<typeof Learnt.Type, "at" | "mark">

const Entries = Schema.parseJson(Schema.Array(Learnt))
type Entries = typeof Entries.Type

/** Programs that are remembered. */
const KEPT = 8

/** How long: a library that the program loads may be replaced, and the program's own file stay as it is. */
const LIFE = Duration.toMillis("1 day")

const FILE = "engines.json"

/** Where the file may lie, the best place first. */
const places: Effect.Effect<ReadonlyArray<string>, never, StateFolder> = Effect.map(StateFolder, ({ path }) => {
  const cache = process.env["XDG_CACHE_HOME"] ?? ""
  return [join(cache === "" ? join(homedir(), ".cache") : cache, "mediaspool", FILE), join(path, FILE)]
})

const LIBRARIES = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]

/** A program's mark; `undefined` where there is no file to look at. */
const markOf = (program: string): Effect.Effect<string | undefined> =>
  Effect.promise(() =>
    fs.stat(program).then(
      ({ ctimeMs, ino, mtimeMs, size }) =>
        JSON.stringify([program, ino, size, mtimeMs, ctimeMs, ...LIBRARIES.map((name) => process.env[name] ?? "")]),
      () => undefined
    )
  )

const read = (file: string): Effect.Effect<Entries> =>
  Effect.tryPromise(() => fs.readFile(file, "utf8")).pipe(
    Effect.flatMap(Schema.decode(Entries)),
    Effect.orElseSucceed(() => [])
  )

/** In one step: two processes may do it at the same time. */
const write = (file: string, entries: Entries) =>
  Effect.tryPromise(async () => {
    const part = `${file}.${process.pid}`
    await fs.mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await fs.writeFile(part, JSON.stringify(entries))
    await fs.rename(part, file)
  })

/** What is known of a program as it is now. */
export const recall = (program: string): Effect.Effect<Learnt | undefined, never, StateFolder> =>
  Effect.gen(function* () {
    const mark = yield* markOf(program)
    const now = yield* Clock.currentTimeMillis
    const known = (yield* Effect.forEach(yield* places, read)).flat()
    return known.find((one) => one.mark === mark && one.at <= now && now - one.at < LIFE)
  })

/** Keeps what was learnt of a program, where a place for it can be written; else it is learnt again. */
export const keep = (program: string, learnt: Learnt): Effect.Effect<void, never, StateFolder> =>
  Effect.gen(function* () {
    const mark = yield* markOf(program)
    if (mark === undefined) return
    const entry = { ...learnt, mark, at: yield* Clock.currentTimeMillis }
    const kept = (file: string) =>
      Effect.flatMap(read(file), (known) => write(file, [...known.filter((one) => one.mark !== mark).slice(1 - KEPT), entry]))
    yield* Effect.ignore(Effect.firstSuccessOf((yield* places).map(kept)))
  })
