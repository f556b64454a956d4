import { StateFolder } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import type { Engine } from "../Engine.js"
import type { MediaError } from "../MediaError.js"
import { closesWhitelist } from "./proveWhitelist.js"

/** Programs that are remembered. */
const KEPT = 8

const Marks = Schema.parseJson(Schema.Array(Schema.String))

/** What tells a program from another, and from its next version; `undefined` where there is no file to look at. */
const markOf = ({ name, program, version }: Engine): Effect.Effect<string | undefined> =>
  program === undefined
    ? Effect.succeed(undefined)
    : Effect.promise(() =>
        fs.stat(program).then(
          ({ mtimeMs, size }) => JSON.stringify([name, version, program, size, mtimeMs]),
          () => undefined
        )
      )

const read = (file: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.tryPromise(() => fs.readFile(file, "utf8")).pipe(
    Effect.flatMap(Schema.decode(Marks)),
    Effect.orElseSucceed(() => [])
  )

/** In one step: two processes may do it at the same time. What can't be kept is proven again. */
const write = (file: string, marks: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.ignore(
    Effect.tryPromise(async () => {
      const part = `${file}.${process.pid}`
      await fs.writeFile(part, JSON.stringify(marks))
      await fs.rename(part, file)
    })
  )

/**
 * Whether the engine leaves a playlist alone that names another file: looked for in `engines.json` of the state folder, by the program's
 * place, size, time and version, and else tried.
 */
export const rememberedProof = (engine: Engine): Effect.Effect<boolean, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const { path } = yield* StateFolder
    const file = join(path, "engines.json")
    const mark = yield* markOf(engine)
    if (mark === undefined) return yield* closesWhitelist(engine)
    const known = yield* read(file)
    if (known.includes(mark)) return true
    const isClosed = yield* closesWhitelist(engine)
    if (isClosed) yield* write(file, [...known.slice(1 - KEPT), mark])
    return isClosed
  })
