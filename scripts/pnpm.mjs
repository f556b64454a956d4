// Runs the pinned pnpm, through npm's own runner where it is not installed: a new machine has Node and npm only.
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const wanted = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).packageManager

/** Runs pnpm in the root with the parent's streams; gives its exit code. */
export const pnpm = (...args) => {
  const run = (command, prefix) =>
    spawnSync(command, [...prefix, ...args], { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
  const own = spawnSync("pnpm", ["--version"], { cwd: root, encoding: "utf8", shell: process.platform === "win32" })
  const done =
    `pnpm@${own.stdout?.trim()}` === wanted ? run("pnpm", []) : run("npx", ["--yes", "--package", wanted, "--", "pnpm"])
  return done.status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(pnpm(...process.argv.slice(2)))
