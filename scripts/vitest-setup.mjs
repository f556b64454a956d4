// Workers, child processes and the command run from `dist`: made anew before the tests, which takes a moment. And what the tests keep
// for a while has a folder of its own, which goes with them: what they left in it themselves is told.
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "./build.mjs"

/** Caches that programs of others keep there. */
const caches = ["jiti"]

/** Every project of the workspace asks for it, each with its own copy of this module; once is enough. */
const shared = (globalThis[Symbol.for("mediaspool/tests")] ??= { projects: 0, built: undefined, folder: undefined })

export default async () => {
  shared.projects++
  shared.built ??= build()
  if (shared.folder === undefined) {
    shared.folder = mkdtempSync(join(tmpdir(), "mediaspool-tests-"))
    // Workers, and whatever they start, inherit it.
    process.env.TMPDIR = shared.folder
  }
  await shared.built
  return () => {
    if (--shared.projects > 0) return
    const left = readdirSync(shared.folder).filter((name) => !caches.includes(name))
    rmSync(shared.folder, { recursive: true, force: true, maxRetries: 3 })
    // Aloud, and no more: a program that was killed in a test may leave something.
    if (left.length > 0) console.warn(`\nThe tests left ${left.length} files or folders behind: ${left.join(", ")}`)
  }
}
