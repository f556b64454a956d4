import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
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

/** Events come within milliseconds, on a busy machine later. */
const patient = { timeout: 20_000 }

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

  it.each([
    ["is moved into its place", (path: string, other: string) => (renameSync(path, `${other}.old`), renameSync(other, path))],
    ["is made again", (path: string) => (rmSync(path, { recursive: true }), mkdirSync(join(path, "below"), { recursive: true }))]
  ])(
    "a folder that %s at once is listened to as the one before",
    async (_, replace) => {
      const [path, aside] = [folder(), folder()]
      const other = join(aside, "other")
      for (const made of [join(path, "a/below"), join(other, "below")]) mkdirSync(made, { recursive: true })
      const told = new Set<string>()
      const tell = (name: string) => void told.add(name)
      const watcher = await new Promise<FsEvents>((resolve) => {
        const made: FsEvents = new FsEvents(path, [], { touched: tell, listed: tell, ready: () => resolve(made), trouble: tell })
      })
      onTestFinished(() => watcher.close())
      replace(join(path, "a"), other)
      await expect.poll(() => [...told], patient).toEqual(expect.arrayContaining(["a", "a/below"]))
      for (const late of ["a/1.wav", "a/below/2.wav"]) {
        writeFileSync(join(path, late), "sound")
        await expect.poll(() => told.has(late), patient).toBe(true)
      }
    },
    60_000
  )
})
