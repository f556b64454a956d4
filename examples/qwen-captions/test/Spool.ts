import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

/** A copy of the example in a folder of its own, with the emulator's address in its config. */
export const example = (baseUrl: string): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), "qwen-captions-"))
  const config = fileURLToPath(new URL("../spool.yaml", import.meta.url))
  cpSync(config, join(folder, "spool.yaml"))
  const text = readFileSync(config, "utf8").replace("http://127.0.0.1:8787/compatible-mode/v1", baseUrl)
  writeFileSync(join(folder, "spool.yaml"), text)
  mkdirSync(join(folder, "inbox"))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts the command in a folder. */
export const start = (folder: string, ...args: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...process.env, DASHSCOPE_API_KEY: "sk-emulator", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"]
  })

export interface Ended {
  readonly code: number | null
  /** One value a line. */
  readonly lines: ReadonlyArray<Record<string, unknown>>
  readonly errors: string
}

/** Runs the command with `--json` to its end. */
export const spool = async (folder: string, ...args: ReadonlyArray<string>): Promise<Ended> => {
  const child = start(folder, ...args, "--json")
  let out = ""
  let errors = ""
  child.stdout?.on("data", (part: Buffer) => (out += part.toString()))
  child.stderr?.on("data", (part: Buffer) => (errors += part.toString()))
  await once(child, "close")
  const lines = out.split("\n").filter((line) => line !== "")
  return { code: child.exitCode, lines: lines.map((line) => JSON.parse(line)), errors }
}

/** `spool emulator` in a process of its own; gives where it listens, and what it says to put into a config. */
export const emulator = async (...args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [bin, "emulator", "--port", "0", "--json", ...args], {
    stdio: ["ignore", "pipe", "ignore"]
  })
  const [line] = await once(createInterface(child.stdout), "line")
  const { baseUrl }: { readonly baseUrl: string } = JSON.parse(String(line))
  return { child, origin: new URL(baseUrl).origin }
}

/** Ends a process of {@link emulator} as Ctrl-C would. */
export const interrupt = async (child: ChildProcess): Promise<number | null> => {
  const ended = once(child, "close")
  child.kill("SIGINT")
  await ended
  return child.exitCode
}
