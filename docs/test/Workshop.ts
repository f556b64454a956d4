import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Inside of `docs`, so that the reader's imports find the workspace's packages as if they were installed. */
const work = fileURLToPath(new URL("../.work/", import.meta.url))
const spool = fileURLToPath(new URL("../../packages/cli/bin/spool.js", import.meta.url))

/** What a reader's tests import of this workspace. */
const packages = String(/\/packages\/\w+\/dist\//)

/** Programs of the packages that a reader has in `node_modules`. */
const installed = fileURLToPath(new URL("../node_modules/.bin/", import.meta.url))
const sqlite = fileURLToPath(new URL("./sqlite3.mjs", import.meta.url))

const write = (path: string, contents: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}

/** `npx` is the command of this workspace, there is nothing to install, and `sqlite3` is there; everything else is what the reader has. */
const programs = join(work, "bin")
const program = (name: string, body: string): void => {
  write(join(programs, name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(programs, name), 0o755)
}

/** Writes these programs, before any page is opened. */
export const prepare = (): void => {
  program("sqlite3", `exec '${process.execPath}' '${sqlite}' "$@"`)
  program(
    "npx",
    `case "$1" in spool) shift; exec '${process.execPath}' '${spool}' "$@";; -*) PATH="$PATH_WITHOUT_SHIMS"; export PATH; exec npx "$@";; esac\nprogram='${installed}'"$1"; shift; exec "$program" "$@"`
  )
  // What a build makes of the package is tried where the packages themselves are packed.
  program(
    "npm",
    `PATH="$PATH_WITHOUT_SHIMS"; export PATH\ncase "$1" in install|i) exit 0;; pack) exec npm "$@" --ignore-scripts;; *) exec npm "$@";; esac`
  )
}

export interface Ran {
  readonly printed: string
  readonly code: number | null
}

/** Runs a program to its end; gives all that it printed. It gets a process group of its own, which is added to `groups`. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  input = "",
  groups: Array<number> = []
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: 300_000, detached: true })
    if (child.pid !== undefined) groups.push(child.pid)
    let printed = ""
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (printed += text))
    // Who has ended already reads nothing.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    child.once("error", reject)
    child.once("close", (code) => resolve({ printed, code }))
  })

/** A reader's folder, and what they do in it. */
export interface Workshop {
  readonly folder: string
  readonly write: (path: string, contents: string) => void
  /** Runs a block of commands where the last one ended; gives all that was printed and the exit code. */
  readonly run: (script: string) => Promise<Ran>
  /** Ends what the reader has left running in the background. */
  readonly close: () => void
}

/** The TypeScript that a page's reader has written. */
export const sources = (name: string): ReadonlyArray<string> =>
  readdirSync(join(work, name), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/(^|[/\\])(node_modules|dist)[/\\]/.test(path))
    .map((path) => join(work, name, path))

export const open = (name: string): Workshop => {
  const folder = join(work, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // Or the workspace's own would hold. The packages are loaded as installed ones are, which Vite leaves as they are.
  write(join(folder, "vitest.config.ts"), `export default { test: { server: { deps: { external: [${packages}] } } } }\n`)
  const path = process.env["PATH"] ?? ""
  let cwd = folder
  const groups: Array<number> = []
  return {
    folder,
    write: (file, contents) => write(join(cwd, file), contents),
    run: async (script) => {
      const where = join(work, `${name}.cwd`)
      rmSync(where, { force: true })
      const env = { PATH: `${programs}:${path}`, PATH_WITHOUT_SHIMS: path, NO_COLOR: "1", CI: "1" }
      const ran = await run("bash", ["-ec", `trap 'pwd > "${where}"' EXIT\nexec 2>&1\n${script}`], cwd, env, "", groups)
      if (existsSync(where)) cwd = readFileSync(where, "utf8").trim()
      return ran
    },
    close: () => {
      for (const group of groups)
        try {
          process.kill(-group, "SIGKILL")
        } catch {
          // Nobody is left.
        }
    }
  }
}
