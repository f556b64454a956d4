import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as ObjectStorage from "./ObjectStorage.fixture.js"

const here = fileURLToPath(new URL("..", import.meta.url))
const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0
if (!hasFfmpeg) console.warn("ffmpeg is not on the PATH: the example's contact sheet is not tested")

/** A copy of the example with a video in its inbox. */
const example = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "plugins-example-"))
    for (const name of ["src", "package.json", "spool.yaml"]) cpSync(join(here, name), join(folder, name), { recursive: true })
    symlinkSync(join(here, "node_modules"), join(folder, "node_modules"))
    mkdirSync(join(folder, "inbox"))
    writeFileSync(join(folder, "inbox/video.avi"), SampleMedia.avi("chords", { seconds: 2 }))
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Runs the command; gives its summary. */
const run = (cwd: string, ...args: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise((resolve) => {
        const env = { ...process.env, AWS_ACCESS_KEY_ID: "AK0815", AWS_SECRET_ACCESS_KEY: "s3cret-4711" }
        const child = spawn(process.execPath, [bin, "run", ...args, "--json"], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
        let out = ""
        child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
        child.on("close", () => resolve(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "{}")))
      })
  )

describe("the example", () => {
  it.scopedLive.runIf(hasFfmpeg)("makes a contact sheet of a video", () =>
    Effect.gen(function* () {
      expect(yield* run(yield* example, "videos")).toMatchObject({
        items: { done: 1, failed: 0 },
        stages: { stills: { ran: 1 }, "contact-sheet": { ran: 1 }, persist: { ran: 1 } }
      })
    })
  )

  it.scopedLive("uploads through a storage that is busy, breaks and hangs up, and no second time", () =>
    Effect.gen(function* () {
      const folder = yield* example
      const storage = yield* ObjectStorage.make("AK0815", [503, 500, 0])
      const node = `upload: { with: { endpoint: "${storage.endpoint}", bucket: sounds }, retry: { delay: 10ms } }`
      const config = `plugins: ["./src/upload.ts"]\npipelines: { all: { source: { folder: ./inbox }, stages: { ${node} } } }\n`
      writeFileSync(join(folder, "spool.yaml"), config)
      // What waits for a storage that is away is tried again while the run lasts, or by the next one.
      for (let n = 0; n < 4 && storage.objects.size === 0; n++) yield* run(folder)
      expect(yield* run(folder)).toMatchObject({ items: { failed: 0, waiting: 0 }, stages: { upload: { ran: 0 } } })
      expect(storage.answers).toEqual([503, 500, 0, 200])
    })
  )
})
