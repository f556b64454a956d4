import { describe, expect, it } from "@effect/vitest"
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { folder, spool, start, values } from "./Spool.js"
import {
  certificate,
  command,
  hasOpenssl,
  hasRedis,
  lines,
  machine,
  type Machine,
  napPlugin,
  redis,
  rows,
  sounds,
  until
} from "./Machines.js"

const stages = `
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      acoustic: { with: { music: false } }
      describe: {}
      persist: {}
`
const config = (queue: string, more = "") => `workers: { queue: "${queue}", local: none${more} }
defaults: { on: workers }
pipelines:
  sounds:
    source: { folder: ./inbox }
    stages:${stages}`

const naps = (queue: string, { files = "fetch", local = "none", nap = "millis: 50" } = {}) => `plugins: ["./nap.ts"]
workers: { queue: "${queue}", local: ${local}, files: ${files} }
pipelines:
  naps:
    source: { folder: ./inbox }
    stages:
      nap: { on: workers, with: { ${nap} }, retry: { times: 0 } }
`

const summary = (said: { readonly stdout: string }) =>
  values({ code: 0, stderr: "", ...said }).find(({ type }) => type === "summary")

describe.runIf(hasRedis)("Many machines", () => {
  it("do what one does: the same results under the same keys", async () => {
    const queue = await redis()
    const home = folder({ "spool.yaml": config(queue.url), ...sounds(6) })
    const worker = await machine(home, ["--queue", queue.url, "--slots", "2"])
    const ran = await spool(home, "run", "--json")
    expect(ran.code, ran.stderr).toBe(0)
    expect(summary(ran)).toMatchObject({ items: { done: 6 }, stages: { copy: { ran: 6 }, acoustic: { ran: 6 } } })
    await until(() => worker.lines().filter(({ type, outcome }) => type === "job" && outcome === "done").length === 24)
    expect(rows(home, "SELECT DISTINCT made_with FROM ledger WHERE artifacts > 0")).toEqual([
      { made_with: expect.stringMatching(/\d/) }
    ])

    // The same pipeline on this machine alone finds every result.
    writeFileSync(
      join(home, "spool.yaml"),
      `pipelines:\n  sounds:\n    source: { folder: ./inbox }\n    stages:${stages}      wave: { use: waveform }\n`
    )
    const again = await spool(home, "run", "--json")
    expect(summary(again)).toMatchObject({
      items: { done: 6 },
      stages: { copy: { cached: 6 }, acoustic: { cached: 6 }, wave: { ran: 6 } }
    })
  })

  it("read a share that is mounted elsewhere, refuse a file that differs there, and upload where the outbox is missing", async () => {
    const queue = await redis()
    const [here, there] = [folder(sounds(4)), folder()]
    const home = folder({})
    symlinkSync(here, join(home, "share"))
    const yaml = config(queue.url, `, files: shared, roots: { nas: ./share }, outbox: ./share/outbox`).replace(
      "./inbox",
      // The outbox is in it: what lies there are no files.
      "./share"
    )
    mkdirSync(join(here, "outbox", ".mediaspool", "aa"), { recursive: true })
    cpSync(join(here, "inbox", "000.wav"), join(here, "outbox", ".mediaspool", "aa", `${"a".repeat(43)}.audio.1.wav`))
    writeFileSync(join(home, "spool.yaml"), yaml)
    // Another mount point of the same share, but for one file that is another there.
    cpSync(join(here, "inbox"), join(there, "inbox"), { recursive: true })
    writeFileSync(join(there, "inbox", "003.wav"), new Uint8Array(statSync(join(here, "inbox", "003.wav")).size))
    await machine(home, ["--queue", queue.url, "--root", `nas=${there}`])
    const ran = await spool(home, "run", "--json")
    expect(summary(ran)).toMatchObject({ items: { total: 4, done: 3, failed: 1 }, stages: { copy: { ran: 3 } } })
    const failures = values(ran).filter(({ type }) => type === "failure")
    expect(failures.map(({ code }) => code)).toContain("FileDiffers")
    const { message } = failures.find(({ code }) => code === "FileDiffers") ?? {}
    expect(message).toContain("nas:inbox/003.wav")
    expect(message).toContain(join(there, "inbox", "003.wav"))
  })

  it("go on elsewhere when a worker is killed or frozen, and count no answer twice", async () => {
    const queue = await redis()
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": naps(queue.url, { nap: "millis: 4000" }), ...sounds(6) })
    const NAPS = join(home, "naps")
    const args = ["--queue", queue.url, "--config", join(home, "spool.yaml"), "--slots", "2"]
    const [killed, frozen, other] = await Promise.all([1, 2, 3].map(() => machine(home, args, { NAPS })))
    if (killed === undefined || frozen === undefined || other === undefined) return
    const run = start(home, ["run", "--json"])
    await until(() => linesOf(NAPS).length >= 6)
    killed.child.kill("SIGKILL")
    frozen.child.kill("SIGSTOP")
    const ran = await run.said
    frozen.child.kill("SIGCONT")
    expect(summary(ran), ran.stderr).toMatchObject({ items: { done: 6 } })
    await until(() => ended(frozen, "late") === 2 && ended(other, "done") === 6)
    expect(ended(frozen, "done")).toBe(0)
    expect(rows(home, "SELECT count(*) AS n FROM attempt WHERE node = 'nap' AND outcome = 'ran'")).toEqual([{ n: 6 }])
  })

  it("stop a file that ends its process after two, meet failures by their class, and go on with the others", async () => {
    const queue = await redis()
    const files = sounds(40)
    // The last ones travel together with others: that they are quick is known by then.
    const [bomb, restless] = ["inbox/037.wav", "inbox/034.wav"].map((name) => files[name]?.length ?? 0)
    const nap = `millis: 0, bomb: ${bomb}, restless: ${restless}`
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": naps(queue.url, { nap }), ...files })
    const NAPS = join(home, "naps")
    const worker = await machine(home, ["--queue", queue.url, "--config", join(home, "spool.yaml"), "--slots", "4"], { NAPS })
    const ran = await spool(home, "run", "--json")
    expect(ran.code).toBe(1)
    expect(summary(ran), ran.stderr).toMatchObject({ items: { done: 38, failed: 2 } })
    const failures = values(ran).filter(({ type }) => type === "failure")
    expect(failures.find(({ code }) => code === "Restless")).toMatchObject({
      retry: "never",
      help: "Sleep on it.",
      message: `no rest for ${restless}`
    })
    expect(failures.find(({ code }) => code === "WorkerLost")).toMatchObject({ retry: "never" })
    const hash = String(rows(home, "SELECT content_hash FROM item WHERE CAST(path AS TEXT) LIKE '%037.wav'")[0]?.["content_hash"])
    const tries = linesOf(NAPS).filter((line) => line.endsWith(hash))
    expect([tries.length, new Set(tries).size]).toEqual([2, 2])
    expect(worker.child.exitCode).toBeNull()
  })

  it("give back what they finished while the coordinator was away, and go on after the queue was lost", async () => {
    const queue = await redis()
    // Of a share workers read by themselves, whoever is away.
    const spoolYaml = naps(queue.url, { files: "shared", nap: "millis: 2500" })
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": spoolYaml, ...sounds(4) })
    const NAPS = join(home, "naps")
    const worker = await machine(home, ["--queue", queue.url, "--config", join(home, "spool.yaml"), "--slots", "2"], { NAPS })
    const run = start(home, ["run", "--json"])
    await until(() => linesOf(NAPS).length === 2)
    // The other two are in the queue by then.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    run.child.kill("SIGKILL")
    await run.said
    await until(() => ended(worker, "done") === 4)
    const resumed = await spool(home, "run", "--json")
    expect(summary(resumed), resumed.stderr).toMatchObject({ items: { done: 4 } })
    expect(linesOf(NAPS).length).toBe(4)

    const again = start(home, ["run", "--json", "--rerun", "nap"])
    await until(() => linesOf(NAPS).length >= 6)
    await queue.kill()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await queue.restart()
    const ran = await again.said
    expect(summary(ran), ran.stderr).toMatchObject({ items: { done: 4 } })
    expect(ran.stderr).toContain("workers' queue is unavailable")

    // A worker ends when it is asked to, also where its queue is away, and at once: a signal that waited would be followed by SIGKILL.
    await queue.kill()
    worker.child.kill("SIGTERM")
    expect((await worker.said).code).toBe(143)
  })

  it("are waited for where this machine takes no such work, until the run is asked to end; a plan needs none", async () => {
    const queue = await redis()
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": naps(queue.url), ...sounds(2) })
    const run = start(home, ["run", "--json"])
    const outages = async () => {
      const [told] = values(await spool(home, "status", "--json"))
      return JSON.stringify(told?.["outages"] ?? [])
    }
    await until(async () => (await outages()).includes("NoWorkers"))
    // A server whose memory is used up refuses what a queue needs.
    await command(queue, "CONFIG", "SET", "maxmemory", "1kb")
    await until(async () => (await outages()).includes("QueueUnusable"))
    const doctor = await spool(home, "doctor")
    expect([doctor.code, doctor.stdout]).toEqual([78, expect.stringMatching(/OOM command not allowed.*\(QueueUnusable\)/)])
    const plan = await spool(home, "plan", "--json")
    expect([plan.code, values(plan).at(-1)]).toMatchObject([0, { type: "plan", items: 2 }])
    run.child.kill("SIGINT")
    const ran = await run.said
    expect(ran.code, ran.stderr).toBe(130)
    expect(ran.stderr).toContain("workers are unavailable, their work waits: no worker is there")
    expect(ran.stderr).toMatch(/workers' queue is unavailable, its work waits: the queue's server refused a command: OOM/)
    expect(rows(home, "SELECT outcome FROM attempt WHERE node = 'nap'")).toEqual([])
  })

  it("say what is wrong with the roots that they are given", async () => {
    for (const [given, said] of [
      [["--root", "nas"], "--root nas is no NAME=PATH"],
      [["--root", "Nas=."], "--root Nas=. is no NAME=PATH"],
      [["--root", "nas=.", "--root", "nas=/"], "The root 'nas' is given twice"]
    ] as const) {
      const { code, stderr } = await spool(folder(), "worker", "--queue", "redis://127.0.0.1:1", ...given)
      expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
    }
  })

  it("leave the work to this machine when no worker is there", async () => {
    const queue = await redis()
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": naps(queue.url, { local: "2" }), ...sounds(5) })
    const alone = await spool(home, "run", "--json")
    expect(summary(alone), alone.stderr).toMatchObject({ items: { done: 5 } })
  })

  it("say why jobs don't go to a worker", async () => {
    const queue = await redis()
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": naps(queue.url), ...sounds(1) })
    await machine(home, ["--queue", queue.url, "--config", join(home, "spool.yaml"), "--slots", "2"], { NAP_VERSION: "2" })
    const run = start(home, ["run", "--json"])
    const list = () => spool(home, "workers", "--json")
    await until(async () => {
      const worker = values(await list()).find(({ type }) => type === "worker")
      return JSON.stringify(worker?.["refuses"]).includes("version 2 here, and 1 there")
    })
    // Who is there stands in the run's status too.
    const status = async () => values(await spool(home, "status", "--json")).find(({ type }) => type === "run")?.["workers"]
    await until(async () => JSON.stringify(await status()) !== "[]")
    expect(await status()).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/\/\d+$/), version: expect.any(String), slots: 2, running: 0 })
    ])
    // What waits for a place doesn't run.
    const [told] = values(await spool(home, "status", "--json"))
    expect(told?.["stages"]).toMatchObject({ nap: { queued: 1, running: 0 } })
    const ran = await run.said
    expect(values(ran).find(({ type }) => type === "failure")).toMatchObject({ code: "NoWorkerFits" })
    const text = await spool(home, "workers")
    expect(text.stdout).toMatch(/gets no jobs of 'nap': the stage 'nap' has version 2 here, and 1 there/)
  })

  it("of another series are refused at joining", async () => {
    const queue = await redis()
    const home = folder()
    // Its record has another form by then.
    await command(queue, "SADD", "mediaspool:coordinators", "9")
    await command(queue, "SET", "mediaspool:coordinators:9", JSON.stringify({ version: "9.1.0", asks: "others" }))
    const worker = await start(home, ["worker", "--queue", queue.url, "--work", folder()]).said
    expect(worker.code).toBe(78)
    expect(worker.stderr).toMatch(/the coordinator has version 9\.1\.0 and this worker has .* \(WorkerIncompatible\)/)
  })

  it("need the right password, and never show it", async () => {
    const queue = await redis({ password: "canary-7391" })
    const yaml = (password: string) =>
      naps(queue.url, { local: "1" }).replace("local: 1", `local: 1, password: { env: ${password} }`)
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": yaml("QUEUE_PASSWORD"), ...sounds(1) })
    const wrong = await start(home, ["run", "--json"], { QUEUE_PASSWORD: "canary-wrong" }).said
    expect(wrong.code).toBe(78)
    expect(wrong.stderr).toContain("QueueRefused")
    expect(wrong.stderr + wrong.stdout).not.toContain("canary")
    const none = await start(home, ["worker", "--queue", queue.url]).said
    expect([none.code, none.stderr.includes("QueueRefused")]).toEqual([78, true])
    await machine(home, ["--queue", queue.url, "--config", join(home, "spool.yaml")], {
      SPOOL_QUEUE_PASSWORD: "canary-7391",
      QUEUE_PASSWORD: "x"
    })
    const right = await start(home, ["run", "--json"], { QUEUE_PASSWORD: "canary-7391" }).said
    expect(right.code, right.stderr).toBe(0)
    expect(right.stderr + right.stdout).not.toContain("canary")
  })
})

describe.runIf(hasRedis && hasOpenssl)("Over TLS", () => {
  it("workers and coordinator meet where they trust the certificate, and nowhere else", async () => {
    const { cert, key } = certificate()
    const queue = await redis({ password: "canary-7391", tls: { cert, key } })
    const yaml = naps(queue.url, { local: "1" }).replace("local: 1", "local: none, password: { env: QUEUE_PASSWORD }")
    const home = folder({ "nap.ts": napPlugin, "spool.yaml": yaml, ...sounds(1) })
    const stranger = await start(home, ["run", "--json"], { QUEUE_PASSWORD: "canary-7391" }).said
    expect(stranger.code).toBe(78)
    expect(stranger.stderr).toMatch(/self-signed certificate\b.* \(QueueNotTrusted\)/)
    const trusting = { QUEUE_PASSWORD: "canary-7391", NODE_EXTRA_CA_CERTS: cert }
    await machine(home, ["--config", join(home, "spool.yaml")], trusting)
    const ran = await start(home, ["run", "--json"], trusting).said
    expect(summary(ran), ran.stderr).toMatchObject({ items: { done: 1 } })
    expect(stranger.stderr + ran.stderr + ran.stdout).not.toContain("canary")
  })
})

describe("Without workers", () => {
  it("not one line of BullMQ is loaded", async () => {
    const home = folder({
      "spool.yaml": `pipelines: { sounds: { source: { folder: ./inbox }, stages: { probe: {} } } }`,
      "look.cjs": `process.on("exit", () => {
        const loaded = Object.keys(require.cache).filter((path) => /bullmq|ioredis|workers.(src|dist)/.test(path))
        require("node:fs").appendFileSync("loaded", "looked " + loaded.join() + "\\n")
      })`,
      ...sounds(1)
    })
    const ran = await start(home, ["run", "--json"], { NODE_OPTIONS: `--require ${join(home, "look.cjs")}` }).said
    expect(ran.code, ran.stderr).toBe(0)
    expect(new Set(lines(join(home, "loaded")).map((line) => line.trim()))).toEqual(new Set(["looked"]))
  })

  it("`on: workers` says what is missing, and a stage that stays at home says why", async () => {
    const home = folder({
      "spool.yaml": `pipelines: { sounds: { source: { folder: ./inbox }, stages: { probe: { on: workers } } } }`
    })
    const missing = await spool(home, "check")
    expect(missing.code).toBe(78)
    expect(missing.stderr).toContain("there is no 'workers' section")
    writeFileSync(
      join(home, "spool.yaml"),
      `workers: { queue: "redis://127.0.0.1:1" }
pipelines: { sounds: { source: { folder: ./inbox }, stages: { probe: {}, persist: { on: workers } } } }`
    )
    const sink = await spool(home, "check")
    expect(sink.code).toBe(78)
    expect(sink.stderr).toContain("'persist' writes to the library")
    // A source that no share holds, and an outbox.
    writeFileSync(
      join(home, "spool.yaml"),
      `workers: { queue: "redis://127.0.0.1:1", files: shared, roots: { nas: ./share }, outbox: ./out, listen: "0.0.0.0:77777" }
pipelines:
  sounds: { source: { folder: ./inbox }, stages: { probe: { on: workers } } }
  whole: { source: { folder: . }, stages: { probe: { on: workers } } }
  here: { source: { folder: ./inbox }, stages: { probe: {} } }`
    )
    expect((await spool(home, "check")).stderr).toContain("workers.listen: expected a port up to 65535")
    const yaml = readFileSync(join(home, "spool.yaml"), "utf8")
    writeFileSync(join(home, "spool.yaml"), yaml.replace("77777", "7777"))
    const unshared = await spool(home, "check", "--json")
    const told = values(unshared).filter(({ type }) => type === "fault")
    expect(told.map(({ path }) => path)).toEqual(["pipelines.sounds.source.folder", "workers.outbox"])
    expect(told[0]?.["message"]).toBe(
      `${join(home, "inbox")} is in none of the roots nas (${join(home, "share")}): workers can't read its files`
    )
    expect((await spool(home, "doctor")).stdout).toMatch(/root nas +share cannot be read/)
  })

  it("a queue that is away at the start ends the run with 78, the address and what was answered", async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address()
        server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
      })
    })
    const home = folder({ "spool.yaml": config(`redis://127.0.0.1:${port}`), ...sounds(1) })
    const ran = await spool(home, "run")
    expect(ran.code).toBe(78)
    expect(ran.stderr).toMatch(new RegExp(`redis://127\\.0\\.0\\.1:${port} answered: .*ECONNREFUSED`))
    expect(ran.stderr).toContain("QueueUnreachable")
  })
})

const ended = ({ lines }: Machine, how: string): number =>
  lines().filter(({ outcome, type }) => type === "job" && outcome === how).length

const linesOf = (path: string): ReadonlyArray<string> => {
  try {
    return lines(path)
  } catch {
    return []
  }
}
