import { Effect, Either } from "effect"
import { promises as fs } from "node:fs"
import { isAbsolute, join, relative, resolve, sep } from "node:path"
import { RawPath } from "@mediaspool/core"
import { WorkerError } from "../protocol/WorkerError.js"

/** Folders that several machines share, by name: the same share, mounted at another place on each. */
export type Roots = ReadonlyMap<string, string>

/** A place that means the same on every machine. */
export interface SharedPlace {
  /** Empty where paths are the same everywhere. */
  readonly root: string
  /** Relative to the root, with `/`; absolute where there is no root. */
  readonly path: string
}

const inside = (root: string, path: string): string | undefined => {
  const rest = relative(root, path)
  return rest === "" || rest === ".." || rest.startsWith(`..${sep}`) || isAbsolute(rest) ? undefined : rest
}

/** A path of this machine as a shared place: in the innermost root that holds it, or as it is where there are no roots. */
export const shared = (roots: Roots, path: string): SharedPlace | undefined => {
  if (roots.size === 0) return { root: "", path }
  let best: { readonly place: SharedPlace; readonly length: number } | undefined
  for (const [root, folder] of roots) {
    const rest = inside(folder, path)
    if (rest === undefined || folder.length <= (best?.length ?? -1)) continue
    best = { place: { root, path: rest.split(sep).join("/") }, length: folder.length }
  }
  return best?.place
}

const refused = (detail: string) => new WorkerError({ code: "JobRefused", detail: RawPath.display(detail) })

/** Where a shared place is on this machine, by its name alone: nothing in the path may lead out of the root. */
export const locate = (roots: Roots, { path, root }: SharedPlace): Either.Either<string, WorkerError> => {
  if (path.includes("\0")) return Either.left(refused(`the path ${path} is no path`))
  if (root === "") {
    if (roots.size > 0)
      return Either.left(refused(`the job names no root, and this worker reads only ${[...roots.keys()].join(", ")}`))
    return isAbsolute(path) && resolve(path) === path
      ? Either.right(path)
      : Either.left(refused(`the path ${path} is not absolute`))
  }
  const folder = roots.get(root)
  if (folder === undefined) return Either.left(refused(`the root '${root}' is not mapped here`))
  const found = resolve(folder, path)
  return isAbsolute(path) || inside(folder, found) === undefined
    ? Either.left(refused(`the path ${path} leads out of the root '${root}'`))
    : Either.right(found)
}

/** The same, and no link on the way leads out of the root either. The file has to be there. */
export const open = (roots: Roots, place: SharedPlace): Effect.Effect<string, WorkerError> =>
  Effect.gen(function* () {
    const path = yield* locate(roots, place)
    const folder = roots.get(place.root)
    if (folder === undefined) return path
    const real = yield* Effect.tryPromise({
      try: async () => ({
        folder: await fs.realpath(folder),
        path: RawPath.fromBytes(await fs.realpath(RawPath.forNode(path), "buffer"))
      }),
      catch: () => new WorkerError({ code: "FileDiffers", detail: `${RawPath.display(path)} is not there` })
    })
    return inside(real.folder, real.path) === undefined
      ? yield* refused(`a link at ${path} leads out of the root '${place.root}'`)
      : path
  })

/** Where the outbox of a job is on this machine. */
export const folderOf = (roots: Roots, place: SharedPlace): Either.Either<string, WorkerError> =>
  place.path === "" && place.root !== ""
    ? Either.fromNullable(roots.get(place.root), () => refused(`the root '${place.root}' is not mapped here`))
    : locate(roots, place)

/** The place of a folder, which may be a root itself. */
export const sharedFolder = (roots: Roots, path: string): SharedPlace | undefined => {
  const [root] = [...roots].find(([, folder]) => folder === path) ?? []
  return root === undefined ? shared(roots, path) : { root, path: "" }
}

/** In the outbox. Its name begins with a dot, so that nobody who has the share for a source takes a delivery for a file of it. */
export const DELIVERIES = ".mediaspool"

/** The name of a delivery in the outbox, below {@link folderOf}. */
export const deliveryPath = (folder: string, key: string, slot: string, delivery: string, extension: string): string =>
  join(folder, DELIVERIES, key.slice(0, 2), `${key}.${slot}.${delivery}.${extension}`)
