import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const recorder = fileURLToPath(new URL("./terminal.py", import.meta.url))

/** Whether this machine can record a terminal: Python 3 brings pseudo-terminals. */
export const canRecord: boolean = spawnSync("python3", ["-c", "import pty"]).status === 0

/** What stood on the terminal after each write, and how the command ended. */
export interface Recorded {
  readonly screens: ReadonlyArray<string>
  readonly code: number | undefined
}

/** The lines of a terminal, for as much of its language as the command speaks: line ends, and moves up that erase. */
class Lines {
  private lines = [""]
  private row = 0
  private column = 0

  write(text: string): void {
    for (const [part] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[\r\n]|[^\u001b\r\n]+/g)) this.apply(part)
  }

  get text(): string {
    return this.lines.join("\n").trimEnd()
  }

  private apply(part: string): void {
    const line = this.lines[this.row] ?? ""
    if (part === "\r" || part === "\u001b[G") this.column = 0
    else if (part === "\u001b[H") [this.row, this.column] = [0, 0]
    else if (part === "\n") {
      this.row += 1
      this.lines[this.row] ??= ""
    } else if (part === "\u001b[2K") this.lines[this.row] = ""
    else if (part === "\u001b[K") this.lines[this.row] = line.slice(0, this.column)
    else if (/^\u001b\[\d*A$/.test(part)) this.row = Math.max(0, this.row - Number(part.slice(2, -1) || 1))
    else if (!part.startsWith("\u001b")) {
      this.lines[this.row] = line.slice(0, this.column).padEnd(this.column) + part + line.slice(this.column + part.length)
      this.column += part.length
    }
  }
}

/** Keys that a person presses when they read certain words. */
export interface Typed {
  readonly keys: string
  readonly after: string
}

/** Runs a command on a terminal of 100 columns, and records what stood on it. */
export const record = (cwd: string, command: ReadonlyArray<string>, typed?: Typed): Promise<Recorded> => {
  const child = spawn("python3", [recorder, cwd, "100", "30", ...command], { stdio: ["pipe", "pipe", "inherit"] })
  if (typed === undefined) child.stdin.end()
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text
    if (typed !== undefined && !child.stdin.writableEnded && printed.includes(typed.after)) child.stdin.end(typed.keys)
  })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", () => {
      const values = printed
        .split("\n")
        .filter((line) => line !== "")
        .map((line): unknown => JSON.parse(line))
      const lines = new Lines()
      const screens = values.flatMap((value) => {
        if (!Array.isArray(value)) return []
        lines.write(String(value[1]))
        return [lines.text]
      })
      const code = values.at(-1)
      resolve({ screens, code: typeof code === "number" ? code : undefined })
    })
  })
}
