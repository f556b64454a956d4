import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")
const config = fileURLToPath(new URL("../spool.yaml", import.meta.url))

/** The example in a folder of its own, with the emulator's address in its config. */
export const example = (source: string, baseUrl: string): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-example-"))
  const text = readFileSync(config, "utf8").replace("http://127.0.0.1:8787/compatible-mode/v1", baseUrl)
  writeFileSync(join(folder, "spool.yaml"), text)
  mkdirSync(join(folder, source))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs the command with `--json` to its end. */
export const spool = async (folder: string, ...args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [bin, ...args, "--json"], {
    cwd: folder,
    env: { ...process.env, DASHSCOPE_API_KEY: "sk-emulator", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let [out, errors] = ["", ""]
  child.stdout.on("data", (part: Buffer) => (out += part.toString()))
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()))
  await once(child, "close")
  const lines: ReadonlyArray<Record<string, unknown>> = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
  return { code: child.exitCode, lines, errors }
}
