import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, folder, spool, start, values } from "./Spool.js"

const { version } = JSON.parse(readFileSync(join(bin, "../../package.json"), "utf8"))
const bundle = join(bin, "../../dist/bundle")
const cachesOf = (command: string) =>
  readdirSync(bundle).filter((name) => name.startsWith(`${command}.`) && name.endsWith(".cache"))
const caches = () => cachesOf("help")

describe("spool", () => {
  it("says its version", async () => {
    expect(await spool(folder(), "--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  })

  it("lists its commands, without colours where nobody sees them", async () => {
    const { code, stdout } = await spool(folder(), "--help")
    expect(code).toBe(0)
    for (const command of ["init", "run", "check", "graph", "stages", "ls", "search", "show", "doctor"])
      expect(stdout).toMatch(new RegExp(`^  ${command} +[A-Z]`, "m"))
    expect(stdout).not.toContain("\u001b")
  })

  it("shows colours when asked, unless NO_COLOR says otherwise", async () => {
    expect((await start(folder(), ["--help"], { FORCE_COLOR: "1" }).said).stdout).toContain("\u001b[")
    expect((await start(folder(), ["--help"], { FORCE_COLOR: "1", NO_COLOR: "1" }).said).stdout).not.toContain("\u001b[")
  })

  it("completes for the usual shells", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await spool(folder(), "--completions", shell)
      expect([code, stdout.includes("doctor")]).toEqual([0, true])
    }
  })

  it("refuses what it doesn't know with exit code 2 and says what would fit", async () => {
    expect(await spool(folder(), "runn")).toMatchObject({ code: 2, stdout: "" })
    const option = await spool(folder(), "run", "--jsn")
    expect(option).toMatchObject({ code: 2, stdout: "" })
    expect(option.stderr).toContain("Unknown option --jsn. Did you mean --json?")
    const format = await spool(folder(), "export", "--as", "jsnl", "--to", "x")
    expect(format.code).toBe(2)
    expect(format.stderr).toContain(
      "--as takes jsonl, csv, parquet, vtt, srt, audiofolder, webdataset, m3u8, not 'jsnl'. Did you mean jsonl?"
    )
    expect((await spool(folder(), "run", "--rerun")).stderr).toContain("--rerun needs a value")
    const twice = await spool(folder(), "ls", "--limit", "1", "--limit=2")
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining("The option --limit is given twice.")])
    expect(values(await spool(folder(), "ls", "--json", "--no"))).toMatchObject([{ type: "error", exitCode: 2 }])
  })

  it("says that the folder it was started in is gone", () => {
    const gone = spawnSync("sh", ["-c", 'rmdir "$PWD"; exec "$0" "$1" ls', process.execPath, bin], {
      cwd: folder(),
      encoding: "utf8"
    })
    expect([gone.status, gone.stderr]).toEqual([78, expect.stringContaining("The current folder is no longer there")])
  })

  it("reads bundles that are ASCII: a byte of another letter would be one of its own", () => {
    for (const name of readdirSync(bundle).filter((name) => name.endsWith(".cjs")))
      expect(readFileSync(join(bundle, name), "latin1").match(/[^\0-\x7f]/), name).toBeNull()
  })

  it("starts from a code cache, and starts all the same when the cache is damaged", async () => {
    await spool(folder(), "--help")
    const [cache = ""] = caches()
    expect(caches()).not.toHaveLength(0)
    writeFileSync(join(bundle, cache), "nothing that V8 wrote")
    expect((await spool(folder(), "--help")).code).toBe(0)
    expect(readFileSync(join(bundle, cache)).length).toBeGreaterThan(10_000)
  })

  it("keeps the code cache of a command that keeps its heap small", async () => {
    const cwd = folder({
      "spool.yaml": "pipelines: { sounds: { source: { folder: ./in }, stages: { probe: {} } } }",
      "in/note.txt": ""
    })
    expect((await spool(cwd, "run")).code).toBe(0)
    const written = async (name: string) => {
      expect((await spool(cwd, "export", "", "--as", "jsonl", "--to", name)).code).toBe(0)
      return cachesOf("export").map((cache) => statSync(join(bundle, cache)).mtimeMs)
    }
    const times = [await written("1.jsonl"), await written("2.jsonl"), await written("3.jsonl")]
    expect(times[2]).not.toEqual([])
    // A test beside this one may have been the first to write it.
    expect([times[0], times[1]]).toContainEqual(times[2])
  })

  it("reads a config that is a program, from the code cache too", async () => {
    const cwd = folder({
      "spool.config.mjs": `import { cpus } from "node:os"
import { Pipeline } from "@mediaspool/core"
const { sep } = await import("node:path")
if (cpus === undefined || sep === undefined || Pipeline === undefined) throw new Error("not there")
export default { pipelines: { sounds: { source: { folder: "./in" }, stages: { probe: {} } } } }
`,
      "in/note.txt": ""
    })
    for (const command of ["check", "ls", "check", "ls"])
      expect([command, await spool(cwd, command)]).toMatchObject([command, { code: 0 }])
  })
})
