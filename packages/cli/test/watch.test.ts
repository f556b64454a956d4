import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { spawn } from "node:child_process"
import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { bin, folder, spool, values } from "./Spool.js"

type Line = Readonly<Record<string, unknown>>

/** A watcher that runs while the test does, in a process group of its own, as a terminal starts it. */
const watch = (home: string) => {
  const child = spawn(process.execPath, [bin, "watch", "--json"], {
    cwd: home,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"]
  })
  const lines: Array<Line> = []
  let [rest, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts.map((line): Line => JSON.parse(line)))
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
  })
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30))
  /** The next line that is like this, after those that were found before. */
  let from = 0
  const next = async (like: Line): Promise<Line> => {
    for (;;) {
      const at = lines.findIndex((line, n) => n >= from && Object.entries(like).every(([key, value]) => line[key] === value))
      if (at >= 0) {
        from = at + 1
        return lines[at] ?? {}
      }
      if (child.exitCode !== null) throw new Error(`the watcher ended: ${stderr}`)
      await pause()
    }
  }
  /** Until people have been told this: it comes by another pipe than the values. */
  const said = async (text: string): Promise<void> => {
    while (!stderr.includes(text) && child.exitCode === null) await pause()
    expect(stderr).toContain(text)
  }
  /** Ctrl-C, as a terminal sends it: to everything that the command has started in its group too. */
  const signal = (name: "SIGINT" | "SIGTERM") => process.kill(-(child.pid ?? 0), name)
  return { child, ended, lines, next, said, signal, stderr: () => stderr }
}

const config = (more = "") =>
  `pipelines: { sounds: { source: { folder: in, settle: 200ms }, stages: { probe: {}, ${more} persist: {} } } }\n`
const tone = (seconds = 0.5) => SampleMedia.wav("tone", { seconds })

describe("spool watch", () => {
  it("is told what to do by other commands, which work beside it, and by an edit of its config", async () => {
    const home = folder({ "spool.yaml": config(), "in/a.wav": tone(), "in/junk.mp3": "no sound" })
    const { child, ended, next, said, stderr } = watch(home)
    expect(await next({ type: "item", path: join(home, "in/a.wav") })).toMatchObject({ state: "done", pipeline: "sounds" })

    const second = await spool(home, "watch")
    expect(second.code).toBe(78)
    expect(second.stderr).toContain(`process ${child.pid} watches already`)
    const [failure] = values(await spool(home, "errors", "--json"))
    expect(failure).toMatchObject({ code: "NotMedia", path: join(home, "in/junk.mp3") })

    expect((await spool(home, "pause")).code).toBe(0)
    await next({ type: "halted", why: "paused" })
    writeFileSync(join(home, "in/b.wav"), tone(0.6))
    expect((await spool(home, "resume", "sounds")).code).toBe(0)
    await next({ type: "resumed" })
    await next({ type: "item", path: join(home, "in/b.wav"), state: "done" })
    writeFileSync(join(home, "in/junk.mp3"), tone(0.7))
    expect(values(await spool(home, "requeue", "--failed", "--json"))[0]).toMatchObject({ type: "requeued" })
    await next({ type: "item", path: join(home, "in/junk.mp3"), state: "done" })

    writeFileSync(join(home, "spool.yaml"), config("prob: {},"))
    const refused = await next({ type: "reload-refused" })
    expect(refused["faults"]).toEqual([expect.objectContaining({ line: 1, column: expect.any(Number), candidates: ["probe"] })])
    await said("The previous config stays active.")
    // What is wrong with it keeps nobody from speaking to the watcher.
    expect((await spool(home, "pause")).code).toBe(0)
    await next({ type: "halted", why: "paused" })
    expect((await spool(home, "resume")).code).toBe(0)
    await next({ type: "resumed" })
    renameSync(join(home, "in/b.wav"), join(home, "in/c.wav"))
    expect(await next({ type: "moved" })).toMatchObject({ from: join(home, "in/b.wav"), path: join(home, "in/c.wav") })
    await said("in/b.wav moved to in/c.wav")

    writeFileSync(join(home, "spool.yaml"), config("acoustic: {},"))
    expect(await next({ type: "reloaded" })).toMatchObject({ pipelines: ["sounds"] })
    await next({ type: "item", path: join(home, "in/a.wav"), state: "done" })
    expect((await spool(home, "why", "in/a.wav", "acoustic")).code).toBe(0)

    expect(await spool(home, "drain")).toMatchObject({ code: 0, stdout: "The watcher has stopped.\n" })
    expect(await ended).toBe(0)
    expect(stderr()).not.toContain("locked")
  }, 300_000)

  it("finishes what it has begun at Ctrl-C in a terminal, which its programs hear too", async () => {
    const home = folder({ "spool.yaml": config("acoustic: {},") })
    mkdirSync(join(home, "in"))
    const { ended, lines, next, signal } = watch(home)
    await next({ type: "scanned" })
    writeFileSync(join(home, "in/long.wav"), SampleMedia.wav("noise", { seconds: 400, sampleRate: 16_000 }))
    // It is at work: a look has found the file, and nothing has ended.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    signal("SIGINT")
    expect(await ended).toBe(130)
    const summary = lines.find(({ type }) => type === "summary")
    expect(summary).toMatchObject({ items: { failed: 0, waiting: 0 }, stages: { probe: { failed: 0 }, acoustic: { failed: 0 } } })
  }, 300_000)
})
