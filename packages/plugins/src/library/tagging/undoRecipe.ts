import { Effect, Either } from "effect"
import { createHash } from "node:crypto"
import { closeSync, openSync, writeFileSync } from "node:fs"
import { type Reader, withReader } from "./essence.js"
import { notWritten, type TagError, unsupported } from "./TagError.js"

/** How the old form of a file is made of the new one: stretches of the new, and bytes. */
export type UndoRecipe = ReadonlyArray<readonly [start: number, length: number] | string>

const STEP = 1 << 20
/** A writer that moves more than this rewrites the file, and isn't trusted with it. */
const MOST = 32 << 20

const samePrefix = (old: Reader, now: Reader, from: number, oldEnd: number): number => {
  let at = from
  for (const end = Math.min(oldEnd, now.size); at < end;) {
    const [a, b] = [old.at(at, Math.min(STEP, end - at)), now.at(at, Math.min(STEP, end - at))]
    if (!a.equals(b)) {
      for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return at + i
    }
    // Nothing more comes where somebody cuts the file meanwhile.
    if (a.length === 0) return at
    at += a.length
  }
  return at
}

const sameSuffix = (old: Reader, now: Reader, most: number): number => {
  let length = 0
  while (length < most) {
    const step = Math.min(STEP, most - length)
    const [a, b] = [old.at(old.size - length - step, step), now.at(now.size - length - step, step)]
    if (a.equals(b)) {
      length += step
      continue
    }
    for (let i = step - 1; i >= 0 && a[i] === b[i]; i--) length += 1
    return length
  }
  return length
}

/** Where the tags were appended: the file as it was, with a few patched stretches. */
const appended = (old: Reader, now: Reader): UndoRecipe | undefined => {
  const recipe: Array<readonly [number, number] | string> = []
  let width = 8
  for (let at = 0; at < old.size;) {
    const same = samePrefix(old, now, at, old.size)
    if (same > at) recipe.push([at, same - at])
    if (same >= old.size) break
    // What is emptied is long.
    width = same - at < width ? width * 2 : 8
    const patch = Math.min(width, old.size - same)
    recipe.push(old.at(same, patch).toString("base64"))
    at = same + patch
    if (recipe.length > 64) return undefined
  }
  return recipe
}

const recipeOf = (old: Reader, now: Reader): Either.Either<UndoRecipe, TagError> => {
  const inPlace = now.size >= old.size ? appended(old, now) : undefined
  if (inPlace !== undefined) return Either.right(inPlace)
  const prefix = samePrefix(old, now, 0, old.size)
  const suffix = sameSuffix(old, now, Math.min(old.size, now.size) - prefix)
  const middle = old.size - prefix - suffix
  return middle > MOST
    ? Either.left(unsupported("its tags can't be written without rewriting the whole file"))
    : Either.right([[0, prefix], old.at(prefix, middle).toString("base64"), [now.size - suffix, suffix]])
}

/** How to make the old file of the new one; tags are put in one place, or appended. */
export const make = (oldPath: string | Buffer, newPath: string): Effect.Effect<UndoRecipe, TagError> =>
  withReader(oldPath, (old) => withReader(newPath, (now) => recipeOf(old, now)))

/** Hands the old form over piece by piece, and gives its hash. */
const replay = (recipe: UndoRecipe, now: Reader, put: (bytes: Buffer) => void): string => {
  const hash = createHash("sha256")
  const each = (bytes: Buffer) => {
    hash.update(bytes)
    put(bytes)
  }
  for (const part of recipe)
    if (typeof part === "string") each(Buffer.from(part, "base64"))
    else for (let at = part[0]; at < part[0] + part[1]; at += STEP) each(now.at(at, Math.min(STEP, part[0] + part[1] - at)))
  return hash.digest("hex")
}

/** The hash of the old form. */
export const hashOf = (recipe: UndoRecipe, newPath: string | Buffer): Effect.Effect<string, TagError> =>
  withReader(newPath, (now) => Either.right(replay(recipe, now, () => {})))

/** Writes the old form to `to`, which is new, and gives its hash. */
export const apply = (recipe: UndoRecipe, newPath: string | Buffer, to: string): Effect.Effect<string, TagError> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(to, "wx"), catch: notWritten }),
    // All of it: on a full disk a single write ends short, and is no error.
    (handle) => withReader(newPath, (now) => Either.right(replay(recipe, now, (bytes) => writeFileSync(handle, bytes)))),
    (handle) => Effect.sync(() => closeSync(handle))
  )
