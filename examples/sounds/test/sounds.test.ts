import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { makeSounds } from "../make-sounds.mjs"

const example = fileURLToPath(new URL("..", import.meta.url))
const spool = fileURLToPath(new URL("../../../packages/cli/bin/spool.js", import.meta.url))

const run = (cwd: string) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [spool, "run", "--json"], { cwd, encoding: "utf8" })
  const lines = stdout.trim().split("\n")
  return {
    status,
    stderr,
    failures: lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "failure"),
    summary: JSON.parse(lines.at(-1) ?? "{}")
  }
}

describe("examples/sounds", () => {
  it(
    "describes every sound and clip, names the broken one, and has nothing to do the second time",
    { timeout: 120_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "mediaspool-sounds-"))
      try {
        copyFileSync(join(example, "spool.yaml"), join(folder, "spool.yaml"))
        const total = await makeSounds(join(folder, "sounds"))
        const first = run(folder)
        expect(first.status, first.stderr).toBe(1)
        expect(first.summary.items).toEqual({ total, done: total - 1, failed: 1, waiting: 0 })
        expect(new Set(first.failures.map(({ path }) => path))).toEqual(new Set([join(folder, "sounds", "broken.wav")]))
        // Silent video: nothing to hear, and that is no failure.
        expect(first.summary.stages.describe.skipped).toBeGreaterThanOrEqual(1)

        const database = new Sqlite(join(folder, ".spool", "spool.db"), { readonly: true })
        const captions = database.prepare("SELECT text FROM media JOIN caption ON media.id = media_id WHERE path LIKE ?").pluck()
        expect(captions.get("%/drum-loop.wav")).toMatch(/120 beats a minute/)
        expect(captions.get("%/chords.wav")).toMatch(/C major/)
        expect(captions.get("%/silence.wav")).toMatch(/silent/)
        expect(captions.get("%/video-with-sound.avi")).toMatch(/video/)
        expect(captions.get("%/video-without-sound.avi")).toBeUndefined()
        const images = database.prepare("SELECT count(*) FROM result WHERE kind = 'Waveform'").pluck().get()
        expect(images).toBe(total - 2)
        database.close()

        const second = run(folder)
        expect(Object.values(second.summary.stages)).toSatisfy((stages: ReadonlyArray<{ ran: number }>) =>
          stages.every(({ ran }) => ran === 0)
        )
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  )
})
