import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { Schema } from "effect"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { captioned, emulator } from "./Emulator.fixture.js"
import { type Said, start, values } from "./Spool.js"

const ffmpeg = process.env["FFMPEG_PATH"] ?? "ffmpeg"
const hasFfmpeg = spawnSync(ffmpeg, ["-version"]).status === 0
if (!hasFfmpeg) console.warn("SKIPPED: tags are written into WAV alone, ffmpeg is not installed.")

const Summary = Schema.Struct({
  items: Schema.Struct({ total: Schema.Number, done: Schema.Number, failed: Schema.Number }),
  stages: Schema.Record({ key: Schema.String, value: Schema.Struct({ ran: Schema.Number }) }),
  cost: Schema.Record({ key: Schema.String, value: Schema.String })
})

/** One library for all, in the order in which a person would. */
describe("spool write-tags", { timeout: 240_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))
  const at = (name: string) => join(home, "in", name)
  const sha256 = (name: string) =>
    createHash("sha256")
      .update(readFileSync(at(name)))
      .digest("hex")
  const spool = (...args: ReadonlyArray<string>) => start(home, args, { DASHSCOPE_API_KEY: "sk-emulator" }).said
  const names = ["a.wav", ...(hasFfmpeg ? ["b.mp3", "c.flac", "d.m4a"] : [])]
  /** A container that nothing writes tags into. */
  const refused = hasFfmpeg ? ["e.avi"] : []
  let stop: () => Promise<void> = async () => {}
  let before: ReadonlyArray<string> = []

  const outcomes = (said: Said) => values(said).filter(({ type }) => type === "tags")
  /** Runs the pipeline, and expects nothing to be done anew. */
  const runsNothing = async (files: number) => {
    const run = await spool("run", "--json")
    expect(run.code, run.stderr).toBe(0)
    const { cost, items, stages } = Schema.decodeUnknownSync(Summary)(values(run).at(-1))
    expect(items).toMatchObject({ total: files, done: files, failed: 0 })
    // A name that is new is written into the library; nothing is read, asked or paid.
    expect(Object.entries(stages).filter(([node, { ran }]) => ran > 0 && node !== "persist")).toEqual([])
    expect(cost).toEqual({})
  }

  beforeAll(async () => {
    const baseUrl = await emulator((end) => (stop = end))
    mkdirSync(join(home, "in"))
    writeFileSync(at("a.wav"), SampleMedia.wav("noise", { seconds: 2, seed: 1, sampleRate: 16_000 }))
    for (const [i, name] of [...names.slice(1), ...refused].entries()) {
      const source = `sine=frequency=${300 + 100 * i}:duration=${2 + i}`
      const tags = ["-metadata", "title=Grüße", "-metadata", "comment=mine", "-metadata", "genre=Field"]
      const { status, stderr } = spawnSync(ffmpeg, ["-v", "error", "-f", "lavfi", "-i", source, ...tags, at(name)], {
        encoding: "utf8"
      })
      expect(status, stderr).toBe(0)
    }
    before = names.map(sha256)
    writeFileSync(join(home, "spool.yaml"), captioned(baseUrl))
    const run = await spool("run")
    expect(run.code, run.stderr).toBe(0)
  }, 120_000)
  afterAll(async () => {
    await stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  it("shows what would change, and changes nothing; what was meant is said where nothing fits", async () => {
    const shown = await spool("write-tags", "")
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toContain("+ MEDIASPOOL_CAPTION: ")
    expect(shown.stdout).toContain("Nothing was written: add --yes to write.")
    for (const name of refused)
      expect(shown.stdout).toMatch(new RegExp(`${name}\\n +left as it is: .*\\(TagFormatUnsupported\\)`))
    expect(names.map(sha256)).toEqual(before)
    const labels = values(await spool("search", "noise OR tone OR sound", "--json"))
    expect(labels.length).toBeGreaterThan(0)
    const label = /\+ MEDIASPOOL_EMOTION: (\w+)/.exec(shown.stdout)?.[1] ?? ""
    const typo = await spool("write-tags", `emotion:${label}${label.at(-1)}`)
    expect(typo.stderr).toContain(`No file has the label '${label}${label.at(-1)}'. Did you mean '${label}'?`)
    const wrong = await spool("write-tags", "emotoin:sad")
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean emotion:?")])
    const genre = await spool("write-tags", "", "--genre", "styles")
    expect([genre.code, genre.stderr]).toEqual([2, expect.stringContaining("'styles'")])
  })

  it("writes, and nothing runs again: not then, not under another name, not for a copy, not after a restore", async () => {
    const times = names.map((name) => statSync(at(name)).mtimeMs)
    const written = await spool("write-tags", "", "--yes", "--json")
    // What can't be written is told, and the exit code says so.
    expect(written.code, written.stderr).toBe(refused.length > 0 ? 1 : 0)
    expect(values(written).at(-1)).toMatchObject({ type: "summary", written: names.length, refused: refused.length })
    expect(names.map(sha256).filter((hash, i) => hash === before[i])).toEqual([])
    for (const [i, name] of names.entries()) expect(statSync(at(name)).mtimeMs, name).toBeCloseTo(times[i] ?? 0, 2)
    const all = names.length + refused.length
    await runsNothing(all)
    expect(outcomes(await spool("write-tags", "", "--json")).filter(({ refusal }) => refusal === undefined)).toEqual([])

    renameSync(at("a.wav"), at("renamed.wav"))
    mkdirSync(at("elsewhere"))
    copyFileSync(at("renamed.wav"), at("elsewhere/copy.wav"))
    await runsNothing(all + 1)

    const copy = join(home, "copy.db")
    expect((await spool("backup", copy)).code).toBe(0)
    rmSync(join(home, ".spool"), { recursive: true })
    const restored = await spool("restore", copy)
    expect(restored.code, restored.stderr).toBe(0)
    await runsNothing(all + 1)
    rmSync(at("elsewhere"), { recursive: true })
    renameSync(at("renamed.wav"), at("a.wav"))
    await runsNothing(all)
  })

  it("takes back what it wrote, byte by byte", async () => {
    renameSync(at("a.wav"), at("renamed.wav"))
    expect((await spool("run")).code).toBe(0)
    const undone = await spool("write-tags", "--undo")
    expect(undone.code, undone.stdout + undone.stderr).toBe(0)
    renameSync(at("renamed.wav"), at("a.wav"))
    expect(names.map(sha256)).toEqual(before)
    // Copies, which no backup has, are made again where a file has another name.
    expect((await spool("run")).code).toBe(0)
    await runsNothing(names.length + refused.length)
    expect((await spool("write-tags", "--undo")).stdout).toContain("No written tags to undo.")
  })

  it.runIf(hasFfmpeg)("takes one run back at a time, as one that was killed and its next one are two", async () => {
    const [, second = ""] = names
    expect((await spool("write-tags", "path:/a.wav", "--yes")).code).toBe(0)
    expect((await spool("write-tags", `path:/${second}`, "--yes")).stdout).toContain("1 file written.")
    expect((await spool("write-tags", "--undo")).stdout).toMatch(
      /1 file restored\. Earlier runs wrote into 1 file: `--undo` again/
    )
    expect((await spool("write-tags", "--undo")).stdout).toMatch(/1 file restored\.$/m)
  })

  it("doesn't take back what was changed since", async () => {
    expect((await spool("write-tags", "path:/a.wav", "--yes")).code).toBe(0)
    const changed = Buffer.concat([readFileSync(at("a.wav")), Buffer.from("more")])
    writeFileSync(at("a.wav"), changed)
    const late = await spool("write-tags", "--undo")
    expect([late.code, late.stdout]).toEqual([1, expect.stringContaining("TagFileChanged")])
    expect(readFileSync(at("a.wav")).equals(changed)).toBe(true)
  })

  it.runIf(hasFfmpeg)("touches comment and genre only when asked, and puts them back", async () => {
    const tagsOf = (name: string) => {
      const { stderr } = spawnSync(ffmpeg, ["-hide_banner", "-i", at(name)], { encoding: "utf8" })
      const said = (field: string) => new RegExp(`^ +${field} +: (.*)$`, "im").exec(stderr)?.[1]
      return { title: said("title"), comment: said("comment"), genre: said("genre") }
    }
    // What the test before left behind.
    expect((await spool("run")).code).toBe(0)
    const files = names.slice(1)
    const old = files.map(tagsOf)
    expect(old[1]).toEqual({ title: "Grüße", comment: "mine", genre: "Field" })
    const query = "-path:/a.wav -path:/e.avi"
    expect((await spool("write-tags", query, "--yes")).code).toBe(0)
    expect(files.map(tagsOf)).toEqual(old)
    const asked = await spool("write-tags", query, "--comment", "--genre", "emotion", "--yes")
    expect(asked.code, asked.stdout + asked.stderr).toBe(0)
    for (const name of files.slice(1)) {
      const { comment, genre, title } = tagsOf(name)
      expect(title, name).toBe("Grüße")
      expect(comment, name).not.toBe("mine")
      expect(genre, name).not.toBe("Field")
    }
    expect((await spool("write-tags", "--undo")).code).toBe(0)
    expect(files.map(tagsOf)).toEqual(old)
    await runsNothing(names.length + refused.length)
  })
})
