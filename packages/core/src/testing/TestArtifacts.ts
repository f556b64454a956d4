import { Effect } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { ArtifactError, type Artifacts, checkNames, claim, digestFile, folderWith } from "../stage/Artifacts.js"
import { Artifact } from "../stage/FileRef.js"
import { failing } from "./Faults.js"

/** The key of artifacts that are made outside of {@link StageTest.run}. */
const KEY = "test"

/** Artifacts in a folder of the test. */
export interface TestArtifacts {
  /** For one run of a stage, whose key is asked for when a file is written. */
  readonly of: (key: () => string) => Artifacts["Type"]
  /** For everything else. */
  readonly service: Artifacts["Type"]
  /** What was written, in order. */
  readonly written: ReadonlyArray<Artifact>
  /** Files in the folders that are no artifact: what a stage left lying about. */
  readonly leftovers: Effect.Effect<ReadonlyArray<string>>
}

/**
 * Artifacts in a folder, as a run keeps them: written beside, then moved into place.
 *
 * @param temporary where files stand until they are whole
 */
export const make = (folder: string, temporary: string, faults: number | undefined): TestArtifacts => {
  const written: Array<Artifact> = []
  const fails = failing(faults)
  let count = 0
  const notWritten = (cause: unknown) => new ArtifactError({ code: "ArtifactNotWritten", detail: String(cause) })
  const store =
    (key: () => string): Artifacts["Type"]["write"] =>
    (slot, extension, write) =>
      Effect.flatMap(checkNames(slot, extension), () => {
        const name = `${slot}-${count++}.${extension}`
        const [from, path] = [join(temporary, name), join(folder, name)]
        return Effect.gen(function* () {
          const result = yield* write(from)
          yield* fails(() => notWritten("no space left on device (a fault of the test)"))
          const { hash, size } = yield* digestFile(from)
          const artifact = new Artifact({ key: key(), slot, hash, size, path })
          yield* Effect.uninterruptible(
            Effect.zipRight(
              Effect.tryPromise({ try: () => fs.rename(from, path), catch: notWritten }),
              Effect.sync(() => written.push(artifact))
            )
          )
          return { artifact, written: result }
        }).pipe(Effect.onError(() => Effect.promise(() => fs.rm(from, { force: true }))))
      })
  const write = store(() => KEY)
  return {
    written,
    service: { write, folder: folderWith(write, temporary) },
    of: (key) => {
      const slots = new Set<string>()
      const once: Artifacts["Type"]["write"] = (slot, extension, write) => claim(slots, slot, store(key)(slot, extension, write))
      return { write: once, folder: folderWith(once, temporary) }
    },
    leftovers: Effect.promise(async () => {
      const paths = await Promise.all([folder, temporary].map(async (at) => (await fs.readdir(at)).map((name) => join(at, name))))
      return paths.flat().filter((path) => !written.some((artifact) => artifact.path === path))
    })
  }
}
