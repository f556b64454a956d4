// Runs tests on another version of Node, in an installation of its own: `node scripts/on-node.mjs 22 [what vitest takes]`.
// The npm package of a platform brings the binary and its headers, so that better-sqlite3 can be built where it has no prebuilt binary.
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const [version, ...tests] = process.argv.slice(2)
if (!/^\d+(\.\d+)*$/.test(version ?? "")) {
  console.error("Which version? `node scripts/on-node.mjs 22`")
  process.exit(2)
}

const work = join(tmpdir(), `mediaspool-node-${version}`)
const runtime = join(work, "runtime")
const checkout = join(work, "checkout")

const run = (command, args, options = {}) => {
  const { status } = spawnSync(command, args, { stdio: "inherit", ...options })
  if (status !== 0) process.exit(status ?? 1)
}

mkdirSync(runtime, { recursive: true })
const platform = `node-${process.platform}-${process.arch}`
const headers = join(runtime, "node_modules", platform)
if (!existsSync(headers))
  run("npm", ["install", "--prefix", runtime, "--no-save", "--no-fund", "--no-audit", `${platform}@${version}`])
const node = join(headers, "bin", "node")

// As it stands, uncommitted changes included; what was installed and built there before is used again.
const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8"
})
const files = stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file)))
// What was copied before and is gone since would still be tested.
const list = join(work, "files.json")
const before = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : []
for (const file of before.filter((file) => !files.includes(file))) rmSync(join(checkout, file), { force: true })
for (const file of files) {
  mkdirSync(dirname(join(checkout, file)), { recursive: true })
  cpSync(join(root, file), join(checkout, file))
}
writeFileSync(list, JSON.stringify(files))

const env = {
  ...process.env,
  // What was built for another version is not taken from pnpm's store.
  npm_config_side_effects_cache: "false",
  PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
  npm_config_nodedir: headers
}
const options = { cwd: checkout, env }
run(node, ["scripts/setup.mjs"], options)
run(node, ["--version"], options)
run(node, ["scripts/pnpm.mjs", "exec", "vitest", "run", ...tests], options)
