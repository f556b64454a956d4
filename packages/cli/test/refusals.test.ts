import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { spawnSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { bin, folder, spool, start, values } from "./Spool.js"

const right = "pipelines: { sounds: { source: { folder: in }, stages: { probe: {}, persist: {} } } }\n"
const media = { "in/tone.wav": SampleMedia.wav("tone", { seconds: 0.5 }) }

describe("a wrong config", () => {
  const wrong = `pipelines:
  sounds:
    source: { folder: in }
    stages:
      prob: {}
      copy: { use: transcode, with: { samplerate: 16000 } }
      caption: { with: { provider: dashscope-intl }, from: { audio: copyy } }
`
  it("ends with 78 and every fault at its place, before any file is touched", async () => {
    const home = folder({ ...media, "spool.yaml": wrong })
    for (const command of ["check", "run", "graph"]) {
      const { code, stderr, stdout } = await spool(home, command)
      expect([code, stdout]).toEqual([78, ""])
      for (const place of ["spool.yaml:5:7", "spool.yaml:6:39", "spool.yaml:7:"]) expect(stderr).toContain(place)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
    expect(readdirSync(home).sort()).toEqual(["in", "spool.yaml"])
    const faults = values(await spool(home, "check", "--json"))
    expect(faults.map(({ line, type }) => [type, line])).toEqual([5, 6, 7].map((line) => ["fault", line]))
    expect(faults[0]).toMatchObject({ path: "pipelines.sounds.stages.prob", candidates: expect.arrayContaining(["probe"]) })
  })

  it("names what only a stage knows, with its place", async () => {
    const home = folder({
      ...media,
      "spool.yaml": wrong
        .replace("prob:", "probe:")
        .replace("samplerate", "sampleRate")
        .replace("copyy", "copy")
        .replace("dashscope-intl", "nobody")
    })
    for (const command of ["check", "run"]) {
      const { code, stderr } = await spool(home, command)
      expect(code).toBe(78)
      expect(stderr).toMatch(/spool\.yaml:7:7 pipelines\.sounds\.stages\.caption: .*'nobody'/)
    }
  })
})

describe("a machine that lets few files be open", () => {
  it.skipIf(process.platform !== "linux")("is told of, where a run or its engine would end in other words or in none", () => {
    const home = folder({ ...media, "spool.yaml": right })
    const said = (command: string) =>
      spawnSync("sh", ["-c", `ulimit -n 42; exec "$0" "$1" ${command}`, process.execPath, bin], { cwd: home, encoding: "utf8" })
    for (const command of ["run", "plan"])
      expect(said(command)).toMatchObject({
        status: 78,
        stderr: expect.stringMatching(/42 files .* \(TooFewOpenFiles\)\n.*ulimit -n/)
      })
    expect(said("doctor").stdout).toMatch(/✗ open files .* 42 files/)
    expect(said("ls").status).toBe(0)
  })
})

describe("spool check", () => {
  it("finds a state folder that is a file, as run and doctor do", async () => {
    const home = folder({ ...media, "spool.yaml": right, ".spool": "" })
    expect(await spool(home, "check")).toMatchObject({ code: 78, stderr: expect.stringContaining(".spool is a file") })
    const run = await spool(home, "run")
    expect(run).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/\.spool is a file, not a folder \(StateFolderUnusable\)/)
    })
    expect((await spool(home, "doctor")).stdout).toContain("✗ state             .spool can't be made: .spool is a file")
  })

  it("finds a plugin's migration that every run refuses", async () => {
    const home = folder({
      ...media,
      "keeps.ts": `import { Plugin } from "@mediaspool/core"
export default Plugin.make({ name: "keeps", stages: [], migrations: [{ id: 1, sql: "CREATE TABLE kept (a); DELETE FROM 'ledger'" }] })
`,
      "spool.yaml": `plugins: ["./keeps.ts"]\n${right}`
    })
    for (const command of ["check", "run"]) {
      const { code, stderr } = await spool(home, command)
      expect([command, code]).toEqual([command, 78])
      expect(stderr).toContain("can't change the table ledger, which is core's")
    }
  })

  it("writes nothing, and looks at secrets only when asked; it never shows one", async () => {
    const text = right.replace("persist", "copy: { use: transcode }, caption: { with: { provider: dashscope-intl } }, persist")
    const home = folder({ ...media, "spool.yaml": text })
    expect(await spool(home, "check")).toMatchObject({ code: 0 })
    const missing = await spool(home, "check", "--env", "--json")
    expect(missing.code).toBe(78)
    expect(values(missing)).toContainEqual(
      expect.objectContaining({ type: "secret", name: "$DASHSCOPE_API_KEY", found: false, neededBy: ["sounds.caption"] })
    )
    const canary = "sk-canary-4711"
    const there = await start(home, ["check", "--env"], { DASHSCOPE_API_KEY: canary }).said
    expect(there.code).toBe(0)
    expect(there.stdout + there.stderr).not.toContain(canary)
    expect(readdirSync(home).sort()).toEqual(["in", "spool.yaml"])
  })
})

describe("spool run", () => {
  it("refuses what it can't mean with exit code 2", async () => {
    const home = folder({ ...media, "spool.yaml": right })
    const said = async (...args: ReadonlyArray<string>) => {
      const { code, stderr } = await spool(home, "run", ...args)
      return [code, stderr.split("\n")[0]]
    }
    expect(await said("other")).toEqual([2, "✗ No pipeline and no file named 'other'."])
    expect(await said("sounds", "in/none.wav")).toEqual([2, "✗ there is no in/none.wav (PathMissing)"])
    expect(await said("--rerun", "caption")).toEqual([2, "✗ No node or stage named 'caption'."])
    expect((await spool(home, "graph", "other")).code).toBe(2)
    expect((await spool(home, "stages", "other")).code).toBe(2)
  })

  it("asks which pipeline is meant where there are several", async () => {
    const home = folder({ "spool.yaml": "pipelines: { a: { stages: { probe: {} } }, b: { stages: { probe: {} } } }\n" })
    const { code, stderr } = await spool(home, "run")
    expect([code, stderr]).toEqual([2, "✗ Which pipeline?\n  The config has 'a', 'b'.\n"])
    expect((await spool(home, "run", "a")).stderr).toContain("has no source folder")
  })

  it("says that the source folder isn't there", async () => {
    const home = folder({ "spool.yaml": right })
    const { code, stderr } = await spool(home, "run")
    expect(code).toBe(78)
    expect(stderr).toContain("FolderMissing")
  })
})

describe("what every run refuses", () => {
  it("is found by check: addresses that nothing may be sent to, and a source folder that is a file", async () => {
    const listening = (baseUrl: string) =>
      `providers: { own: { dialect: dashscope, baseUrl: "${baseUrl}", apiKey: { env: DASHSCOPE_API_KEY } } }\n` +
      right.replace("persist", "copy: { use: transcode }, caption: { with: { provider: own } }, persist")
    const configs = [
      listening("http://me:secret@127.0.0.1/v1"),
      listening("http://169.254.169.254/v1"),
      listening("file:///etc/hosts"),
      listening("http://127.0.0.1/v1?key=secret"),
      `workers: { queue: "redis://127.0.0.1/0?key=secret" }\n${right.replace("persist", "copy: { use: transcode, on: workers }, persist")}`,
      right.replace("folder: in", "folder: spool.yaml")
    ]
    const checked = await Promise.all(configs.map((config) => spool(folder({ "spool.yaml": config }), "check")))
    expect(checked.map(({ code }) => code)).toEqual(configs.map(() => 78))
    for (const { stderr } of checked) expect(stderr).not.toContain("secret")
    const home = folder({ "spool.yaml": right })
    expect([(await spool(home, "check")).code, (await spool(home, "check", "--env")).code]).toEqual([0, 78])
  })
})

describe("a number of results", () => {
  it("may be 0 for all, and nothing below", async () => {
    const home = folder({ "spool.yaml": right, ...media })
    await spool(home, "run")
    expect((await spool(home, "ls", "--limit", "0")).code).toBe(0)
    for (const args of [
      ["ls", "--limit=-1"],
      ["search", "--limit=-1", "tone"],
      ["search", "--offset=-1", "tone"]
    ])
      expect((await spool(home, ...args)).code).toBe(2)
  })
})

describe("spool restore", () => {
  it("says that the index of the database before is still there", async () => {
    const home = folder({ "spool.yaml": right, ...media })
    await spool(home, "run")
    await spool(home, "backup", "copy.db")
    // No file: it can't be removed.
    mkdirSync(join(home, ".spool/vectors.db"))
    const { code, stderr } = await spool(home, "restore", "copy.db")
    expect([code, stderr]).toEqual([1, expect.stringMatching(/The database is restored, but the index .*\n.*vectors\.db-wal/)])
  })
})

describe("Output to a disk that is full", () => {
  it("is told, also when it is the last that a command does", async () => {
    if (!existsSync("/dev/full")) return console.warn("Skipped: this system has no /dev/full.")
    const home = folder({ "spool.yaml": right, ...media })
    for (const args of [["check"], ["stages", "--json"], ["--help"]]) {
      const full = openSync("/dev/full", "w")
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: home, stdio: ["ignore", full, "pipe"] })
      closeSync(full)
      expect([status, String(stderr)]).toEqual([1, expect.stringContaining("(OutputNotWritten)")])
    }
  })
})

describe("spool init", () => {
  it("leaves a config that is there alone", async () => {
    const home = folder({ "spool.yaml": right })
    expect(await spool(home, "init")).toMatchObject({ code: 2, stdout: "" })
  })
})

describe("spool doctor", () => {
  it("finds this machine well, and a missing folder not", async () => {
    const home = folder({ "spool.yaml": right, ...media })
    const well = await spool(home, "doctor", "--json")
    expect(well.code).toBe(0)
    expect(new Set(values(well).map(({ status }) => status))).not.toContain("problem")
    expect(values(well).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["node", "engine", "playlists", "config", "disk"])
    )
    const gone = 'providers: { gpu: { dialect: vllm, baseUrl: ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"] } }'
    const ill = await spool(folder({ "spool.yaml": `${gone}\n${right}` }), "doctor")
    expect(ill.code).toBe(78)
    expect(ill.stdout).toContain("✗ source of sounds")
    for (const port of [1, 2]) expect(ill.stdout).toContain(`nothing answers at http://127.0.0.1:${port}/v1`)
  })
})
