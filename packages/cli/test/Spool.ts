import { spawn, type ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export const bin = fileURLToPath(new URL("../bin/spool.js", import.meta.url))

/** What a person, or a script, gets of a command. */
export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder that goes when the test ends. */
export const folder = (files: Readonly<Record<string, string | Uint8Array>> = {}): string => {
  const path = mkdtempSync(join(tmpdir(), "mediaspool-cli-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), contents)
  }
  return path
}

/** Starts the command as a person would, in a folder. */
export const start = (
  cwd: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = {}
): { readonly child: ChildProcess; readonly said: Promise<Said> } => {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], FFMPEG_PATH: process.env["FFMPEG_PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let [stdout, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const said = new Promise<Said>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, stdout, stderr }))
  })
  return { child, said }
}

/** Runs the command to its end. */
export const spool = (cwd: string, ...args: ReadonlyArray<string>): Promise<Said> => start(cwd, args).said

/** The values of `--json`; fails on a line that is none. */
export const values = (said: Said): ReadonlyArray<Record<string, unknown>> =>
  said.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
