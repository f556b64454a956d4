import { describe, expect, it } from "@effect/vitest"
import { ModelEmulator } from "@mediaspool/emulator"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL("..", import.meta.url))
const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

/** A copy of the example, with the emulator's address in its config. */
const example = (baseUrl: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "podcast-timeline-"))
      cpSync(join(here, "src"), join(folder, "src"), { recursive: true })
      symlinkSync(join(here, "node_modules"), join(folder, "node_modules"))
      cpSync(join(here, "package.json"), join(folder, "package.json"))
      const config = readFileSync(join(here, "spool.yaml"), "utf8")
      writeFileSync(join(folder, "spool.yaml"), config.replace("http://127.0.0.1:8787/compatible-mode/v1", baseUrl))
      mkdirSync(join(folder, "episodes"))
      return folder
    }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

const spool = (folder: string, ...args: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [bin, ...args, "--json"], {
      cwd: folder,
      env: { ...process.env, DASHSCOPE_API_KEY: "sk-emulator" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let out = ""
    let errors = ""
    child.stdout.on("data", (part: Buffer) => (out += part.toString()))
    child.stderr.on("data", (part: Buffer) => (errors += part.toString()))
    await once(child, "close")
    return { code: child.exitCode, last: JSON.parse(out.trim().split("\n").at(-1) ?? "{}"), errors }
  })

const subtitles = (folder: string): string => {
  const artifacts = join(folder, ".spool", "artifacts")
  const name = readdirSync(artifacts, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(".vtt"))
  return name === undefined ? "" : readFileSync(join(artifacts, name), "utf8")
}

describe("examples/podcast-timeline", () => {
  it.scopedLive(
    "turns a long recording into timed captions, a summary, and a WebVTT file",
    () =>
      Effect.gen(function* () {
        const emulator = yield* ModelEmulator.startProcess()
        const folder = yield* example(emulator.baseUrl)
        yield* SampleMedia.writeWav(join(folder, "episodes"), "speech", { seconds: 100, sampleRate: 16_000 }, "pilot.wav")
        const { code, errors, last } = yield* spool(folder, "run", "episodes")
        expect([code, last.items, errors.includes("✗")]).toEqual([0, { total: 1, done: 1, failed: 0, waiting: 0 }, false])

        const text = subtitles(folder)
        expect(text).toMatch(/^WEBVTT\n\n00:00:00\.000 --> /)
        const times = [...text.matchAll(/^(\S+) --> (\S+)$/gm)].map(([, from, to]) => [from, to])
        expect(times.length).toBeGreaterThanOrEqual(4)
        for (const [n, [from]] of times.entries()) if (n > 0) expect(from).toBe(times[n - 1]?.[1])
        expect(times.at(-1)?.[1]).toMatch(/^00:01:40\./)
        expect(text).toContain("The recording lasts")

        // A caption for every window, and one summary.
        expect((yield* emulator.statement).paid).toBe(times.length + 1)
        yield* spool(folder, "run", "episodes")
        expect((yield* emulator.statement).paid).toBe(times.length + 1)
      }),
    180_000
  )
})
