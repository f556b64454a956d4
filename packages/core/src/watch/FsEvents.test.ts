import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"
import { FsEvents } from "./FsEvents.js"

/** In a user namespace of its own, whose limit nobody else feels. */
const limited = (script: string) =>
  spawnSync("unshare", ["-U", "--map-root-user", "sh", "-c", `echo 8 > /proc/sys/user/max_inotify_watches && ${script}`], {
    encoding: "utf8"
  })
const isLimitable = limited("true").status === 0
if (!isLimitable) console.warn("skipped: `unshare` gives no user namespace here, so the limit of watches isn't tried")

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "mediaspool-folders-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe("FsEvents", () => {
  it.skipIf(!isLimitable)("tells when the system grants no more watches", () => {
    const path = folder()
    for (let i = 0; i < 30; i++) mkdirSync(join(path, String(i)))
    const module = fileURLToPath(import.meta.url)
      .replace(/\/src\/(?!.*\/src\/)/, "/dist/")
      .replace(/\.test\.ts$/, ".js")
    const script = `import(${JSON.stringify(module)}).then(({ FsEvents }) => {
      const troubles = []
      const none = () => {}
      const ready = () => (console.log(troubles.join()), process.exit())
      new FsEvents(${JSON.stringify(path)}, [], { touched: none, listed: none, ready, trouble: (code) => troubles.push(code) })
    })`
    const { stderr, stdout } = limited(`exec '${process.execPath}' -e '${script}'`)
    expect(new Set(stdout.trim().split(",")), stderr).toEqual(new Set(["ENOSPC"]))
  })

  it("watches folders, whatever is in them, and leaves alone what is none of its business", async () => {
    const path = folder()
    for (const below of ["a/b", ".hidden", "state/artifacts", "half.part"]) mkdirSync(join(path, below), { recursive: true })
    const none = () => {}
    const watcher = await new Promise<FsEvents>((resolve) => {
      const made: FsEvents = new FsEvents(path, [join(path, "state")], {
        touched: none,
        listed: none,
        ready: () => resolve(made),
        trouble: none
      })
    })
    onTestFinished(() => watcher.close())
    expect(
      Object.keys(watcher.getWatched())
        .filter((name) => name.startsWith(path))
        .sort()
    ).toEqual([path, join(path, "a"), join(path, "a/b")])
  })
})
