import { describe, expect, it } from "@effect/vitest"
import { RedisServer } from "@mediaspool/workers/testing"
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const script = fileURLToPath(new URL("../two-machines.sh", import.meta.url))
const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

if (RedisServer.program() === undefined) console.warn(RedisServer.MISSING)

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const run = async (folder: string): Promise<{ readonly code: number | null; readonly printed: string }> => {
  const env = { ...process.env, PORT: String(await freePort()), SPOOL: `${process.execPath} ${bin}`, NO_COLOR: "1" }
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [script, folder], { env, stdio: ["ignore", "pipe", "pipe"] })
    let printed = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text))
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, printed }))
  })
}

describe.runIf(RedisServer.program() !== undefined)("Two machines", () => {
  it("share the work: the worker makes what the coordinator keeps", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mediaspool-two-machines-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { code, printed } = await run(folder)
    expect(code, printed).toBe(0)
    expect(printed).toContain("sounds: 3 of 3 files done")
    const log = readFileSync(join(folder, "rack", "log"), "utf8")
    for (const node of ["probe", "copy", "acoustic", "describe", "waveform"])
      expect(log.match(new RegExp(`sounds/${node} \\S+ done`, "g"))?.length, log).toBe(3)
    // What the worker made was taken out of the outbox, and the originals are as they were.
    const outbox = readdirSync(join(folder, "share", "outbox"), { recursive: true, withFileTypes: true })
    expect(outbox.filter((entry) => entry.isFile())).toEqual([])
    expect(readdirSync(join(folder, "share", "inbox")).sort()).toEqual(["chords.wav", "drums.wav", "speech.wav"])
  })
})
