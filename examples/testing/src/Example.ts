import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

/** The address of the emulator that an example's config names. */
const ADDRESS = "http://127.0.0.1:8787/compatible-mode/v1"

export interface Copied {
  /** URL of the example's folder. */
  readonly from: URL
  /** The folder that its config watches: made empty. */
  readonly inbox: string
  /** Where the emulator listens; default: as the config says. */
  readonly baseUrl?: string
  /** What is copied beside the config, for an example with a plugin of its own. */
  readonly beside?: ReadonlyArray<string>
}

/** A copy of an example in a folder of its own. */
export const example = ({
  baseUrl = ADDRESS,
  beside = [],
  from,
  inbox
}: Copied): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-example-"))
  const here = fileURLToPath(from)
  for (const name of beside) cpSync(join(here, name), join(folder, name), { recursive: true })
  if (beside.length > 0) symlinkSync(join(here, "node_modules"), join(folder, "node_modules"))
  writeFileSync(join(folder, "spool.yaml"), readFileSync(join(here, "spool.yaml"), "utf8").replace(ADDRESS, baseUrl))
  mkdirSync(join(folder, inbox))
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
