import { RawPath, StateFolder } from "@mediaspool/core"
import { Effect, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import { promises as fs } from "node:fs"
import { isAbsolute, join, resolve } from "node:path"
import { MediaError } from "./MediaError.js"

const plain = (path: string): boolean => RawPath.isText(path) && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(path)

/** `file:` keeps libav from reading a protocol, an option or a pattern into a name. */
export const of = (path: string): string => `file:${isAbsolute(path) ? path : resolve(path)}`

/** A short ending that says what the file may be; libav's guesses lean on it. */
const ending = (path: string): string => /\.[A-Za-z0-9]{1,5}$/.exec(path)?.[0] ?? ""

/**
 * What libav is given to open a file by. A name that is no text, or that could forge a line of a log, is replaced by a link while the
 * scope is open.
 *
 * @param path a RawPath
 */
export const input = (path: string): Effect.Effect<string, MediaError, Scope.Scope | StateFolder> => {
  if (plain(path)) return Effect.succeed(of(path))
  return Effect.gen(function* () {
    const { temporary } = yield* StateFolder
    const link = join(temporary, `${randomUUID()}${ending(path)}`)
    yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => fs.symlink(RawPath.forNode(path), link),
        catch: (cause) =>
          new MediaError({ code: "EngineFailed", detail: `no link can be made in the state folder: ${String(cause)}` })
      }),
      () => Effect.promise(() => fs.rm(link, { force: true }))
    )
    return of(link)
  })
}

/** Where an output is written until it is complete: beside its place, so that a rename moves it there. */
export const unfinished = (path: string): string => `${path}.part`
