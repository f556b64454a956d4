import { describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))
/** What a check ends with on a machine that can't do it. */
const SKIPPED = 77

/** Runs a check from `checks/`, a small part of it. */
const check = (name: string, ...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number | null; readonly said: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "checks", name), ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text))
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, said }))
  })

// The whole of each is `npm run check:durability`. They wait more than they work, so they go side by side.
describe.concurrent("A run", { timeout: 600_000 }, () => {
  it("that is killed loses nothing, pays once and leaves nothing behind", async ({ expect }) => {
    const { code, said } = await check("crash.mjs", "--points", "2", "--moments", "0")
    console.log(said)
    expect(code, said).toBe(0)
  })

  it("takes or refuses configs that nobody would write, with a place", async ({ expect }) => {
    const { code, said } = await check("fuzz.mjs", "--files", "0", "--configs", "100", "--seed", "1")
    console.log(said)
    expect(code, said).toBe(0)
  })

  // A service serves several of them, one after the other.
  for (const faults of [
    ["clock", "disk-errors", "disk-full"],
    ["account", "engine-killed", "outage", "several"]
  ])
    it(`survives ${faults.join(", ")}`, async ({ expect }) => {
      const { code, said } = await check("faults.mjs", ...faults)
      console.log(said)
      expect([0, SKIPPED], said).toContain(code)
    })
})
