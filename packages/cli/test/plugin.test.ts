import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { folder, spool, start, values } from "./Spool.js"

const stage = "src/Punch.ts"
const edit = (path: string, change: (text: string) => string) => writeFileSync(path, change(readFileSync(path, "utf8")))

/** Where the command has made a plugin from the template, once for all tests. */
const original = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))
beforeAll(async () => {
  expect((await spool(original, "plugin", "new", "@me/punch", "--no-install")).code).toBe(0)
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

/** A copy of it, in a folder where nothing is installed: the command brings what plugins share with it. */
const made = () => {
  const cwd = join(folder(), "punch")
  cpSync(join(original, "punch"), cwd, { recursive: true })
  return cwd
}

describe("spool plugin", { timeout: 120_000 }, () => {
  it("makes a plugin whose pipeline is right as it stands", async () => {
    const cwd = made()
    expect(await spool(cwd, "check")).toMatchObject({ code: 0 })
  })

  it("refuses a name, an option and a folder that won't do", async () => {
    const cwd = folder({ "punch/notes.txt": "mine" })
    expect((await spool(cwd, "plugin", "new", "Punch", "--no-install")).code).toBe(2)
    expect((await spool(cwd, "plugin", "new", "punch", "--no-instal")).stderr).toContain("Did you mean --no-install?")
    expect((await spool(cwd, "plugin", "new", "punch", "--no-install")).stderr).toContain("is not empty")
    expect(readFileSync(join(cwd, "punch/notes.txt"), "utf8")).toBe("mine")
  })

  it("shows what a stage was given and gave", async () => {
    const cwd = made()
    const { code, stdout } = await spool(cwd, "plugin", "dev", "--once", "--sample", "tone")
    expect(code).toBe(0)
    for (const line of ["punch 1 on the sample tone.wav", "  punchyFrom: 12", "output  Punch", "  punchy: false"])
      expect(stdout.split("\n")).toContain(line)
    expect(stdout).toMatch(/crestFactor: 3\.0\d*\n/)
    const [trial] = values(await spool(cwd, "plugin", "dev", "punch", "--once", "--json", "--sample", "silence"))
    expect(trial).toMatchObject({ stage: "punch", ended: { outcome: "skipped", code: "PunchSilent" } })
  })

  it("shows why a stage broke, and where", async () => {
    const cwd = made()
    edit(join(cwd, stage), (text) => text.replace("Math.round((peak", "Math.round((peek"))
    const { code, stdout } = await spool(cwd, "plugin", "dev", "--once", "--sample", "tone")
    expect(code).toBe(1)
    expect(stdout).toContain("✗ peek is not defined (StageBroke)")
    expect(stdout).toMatch(/at .*src\/Punch\.ts:\d+/)
    edit(join(cwd, stage), (text) => text.replace("Effect.gen(function* ()", "Promise.resolve(function* ()"))
    const promised = await spool(cwd, "plugin", "dev", "--once", "--sample", "tone")
    expect(promised.stdout).toContain("gives a promise in the place of an Effect: write Effect.promise")
    edit(join(cwd, stage), (text) => `${text}\nconst`)
    const broken = await spool(cwd, "plugin", "dev", "--once", "--sample", "tone")
    expect(broken.code).toBe(78)
    expect(broken.stderr).toContain("the plugin './src/index.ts' can't be used: it fails on import")
  })

  it("runs again at a save, until it is stopped", async () => {
    const cwd = made()
    // What a run writes is no save, wherever the config has it written.
    edit(join(cwd, "spool.yaml"), (text) => `state: ./kept\n${text}`)
    const { child, said } = start(cwd, ["plugin", "dev", "--sample", "tone"])
    let printed = ""
    const shows = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => (printed.includes(text) ? resolve() : setTimeout(look, 50))
        look()
      })
    child.stdout?.on("data", (bytes: Buffer) => (printed += bytes.toString()))
    await shows("punchyFrom: 12")
    await shows("time")
    edit(join(cwd, "spool.yaml"), (text) => text.replace("punch: {}", "punch: { with: { punchyFrom: 2 } }"))
    await shows("punchyFrom: 2\n")
    await shows("punchy: true")
    child.kill("SIGINT")
    const { code, stderr } = await said
    expect(code).toBe(130)
    expect(stderr).toContain("spool.yaml saved")
    expect(stderr).not.toContain("kept")
  })
})

describe("a stage that was changed under its old version", { timeout: 120_000 }, () => {
  const warning =
    "the code of ./src/index.ts has changed, and its stage 'punch' is still version 1: what was made before stays. " +
    "If something else comes out now, raise `version`, or recompute with `spool run --rerun punch`."

  it("is told, with what to do, by whatever runs next, and once", async () => {
    const cwd = made()
    mkdirSync(join(cwd, "inbox"))
    writeFileSync(join(cwd, "inbox/tone.wav"), SampleMedia.wav("tone", { seconds: 1 }))
    expect((await spool(cwd, "run")).stderr).not.toContain("has changed")

    edit(join(cwd, stage), (text) => text.replace("Math.round(", "Math.floor("))
    expect((await spool(cwd, "plugin", "dev", "--once", "--sample", "tone")).stderr).toContain(warning)
    const { child, said } = start(cwd, ["watch"])
    let heard = ""
    child.stderr?.on("data", (bytes: Buffer) => {
      heard += bytes.toString()
      if (heard.includes("has changed")) child.kill("SIGINT")
    })
    expect((await said).stderr).toContain(warning)

    // Comments and formatting change no result.
    edit(join(cwd, stage), (text) => `// How far the peaks stand out.\n\n${text}`)
    const again = await spool(cwd, "run", "--json")
    expect(again).toMatchObject({ code: 0 })
    expect(again.stderr).not.toContain("has changed")
  })
})

describe("spool schema", { timeout: 60_000 }, () => {
  it("writes what an editor needs beside the config, with the stages of its plugins, and names it there, as a new plugin has it", async () => {
    const cwd = made()
    const yaml = readFileSync(join(cwd, "spool.yaml"), "utf8")
    expect(yaml.split("\n")[0]).toBe("# yaml-language-server: $schema=./spool.schema.json")
    edit(join(cwd, "spool.yaml"), (text) => text.replace(/^#.*\n/, ""))
    for (const lineAdded of [true, false])
      expect(values(await spool(cwd, "schema", "--json"))).toMatchObject([{ type: "schema", lineAdded }])
    expect(readFileSync(join(cwd, "spool.yaml"), "utf8")).toBe(yaml)
    const written = readFileSync(join(cwd, "spool.schema.json"), "utf8")
    expect(written).toContain("Crest factor in dB from which a sound counts as punchy")
    expect((await spool(cwd, "schema", "--print")).stdout).toBe(written)
  })
})
