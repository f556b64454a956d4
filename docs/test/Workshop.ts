import { SampleMedia } from "@mediaspool/plugins/testing"
import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Inside of `docs`, so that the reader's imports find the workspace's packages as if they were installed. */
const work = fileURLToPath(new URL("../.work/", import.meta.url))
const spool = fileURLToPath(new URL("../../packages/cli/bin/spool.js", import.meta.url))

const write = (path: string, contents: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}

/** `npx` is the command of this workspace, and there is nothing to install; everything else is what the reader has. */
const programs = join(work, "bin")
const program = (name: string, body: string): void => {
  write(join(programs, name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(programs, name), 0o755)
}

const prepare = (): void => {
  program(
    "npx",
    `case "$1" in spool|@mediaspool/cli) shift; exec '${process.execPath}' '${spool}' "$@";; esac\necho "npx $*: not in the guide's tests" >&2; exit 1`
  )
  program("npm", `PATH="$PATH_WITHOUT_SHIMS"; export PATH\ncase "$1" in install|i) exit 0;; *) exec npm "$@";; esac`)
}

/** A reader's folder, and what they do in it. */
export interface Workshop {
  readonly folder: string
  readonly write: (path: string, contents: string) => void
  readonly sample: (path: string) => void
  /** Runs a block of commands where the last one ended; gives all that was printed and the exit code. */
  readonly run: (script: string) => { readonly printed: string; readonly code: number | null }
}

export const folderOf = (name: string): string => join(work, name)

export const open = (name: string): Workshop => {
  const folder = folderOf(name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  prepare()
  const path = process.env["PATH"] ?? ""
  let cwd = folder
  return {
    folder,
    write: (file, contents) => write(join(cwd, file), contents),
    sample: (file) => write(join(cwd, file), SampleMedia.samples[basename(file)]?.() ?? ""),
    run: (script) => {
      const where = join(work, `${name}.cwd`)
      const { output, status } = spawnSync("bash", ["-ec", `trap 'pwd > "${where}"' EXIT\nexec 2>&1\n${script}`], {
        cwd,
        encoding: "utf8",
        timeout: 120_000,
        env: { ...process.env, PATH: `${programs}:${path}`, PATH_WITHOUT_SHIMS: path, NO_COLOR: "1", CI: "1" }
      })
      const ended = spawnSync("cat", [where], { encoding: "utf8" }).stdout.trim()
      cwd = ended === "" ? cwd : ended
      return { printed: output.join(""), code: status }
    }
  }
}
