import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const bin = join(dirname(createRequire(import.meta.url).resolve("@mediaspool/cli/package.json")), "bin", "spool.js")

type Line = Readonly<Record<string, unknown>>

/** A command that runs, with what it has said so far with `--json`. */
export interface Running {
  readonly child: ChildProcess
  readonly lines: ReadonlyArray<Line>
  /** Waits for a line like this. Fails when the command ends without it. */
  readonly said: (isIt: (line: Line) => boolean) => Promise<Line>
  readonly ended: Promise<number | null>
}

export const start = (folder: string, ...args: ReadonlyArray<string>): Running => {
  const child = spawn(process.execPath, [bin, ...args, "--json"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const lines: Array<Line> = []
  let rest = ""
  let errors = ""
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts.map((line): Line => JSON.parse(line)))
  })
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text))
  const ended = once(child, "close").then(() => child.exitCode)
  return {
    child,
    lines,
    ended,
    said: async (isIt) => {
      for (;;) {
        const line = lines.find(isIt)
        if (line !== undefined) return line
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${errors}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
}

/** Runs a command to its end. */
export const spool = async (folder: string, ...args: ReadonlyArray<string>) => {
  const { ended, lines } = start(folder, ...args)
  return { code: await ended, lines }
}
