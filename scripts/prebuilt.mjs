// The compiled part of better-sqlite3 as this workspace has it, packed as its makers publish it: whoever tries a package again and again
// needn't compile SQLite each time.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** Packs it into a folder, which is what `npm_config_better_sqlite3_local_prebuilds` asks for. */
export const prebuilt = (folder) => {
  const manifest = createRequire(new URL("../packages/core/package.json", import.meta.url)).resolve("better-sqlite3/package.json")
  const { version } = JSON.parse(readFileSync(manifest, "utf8"))
  const name = `better-sqlite3-v${version}-node-v${process.versions.modules}-${process.platform}-${process.arch}.tar.gz`
  const file = join(folder, name)
  mkdirSync(folder, { recursive: true })
  const { status, stderr } = spawnSync("tar", ["-czf", file, "build/Release/better_sqlite3.node"], {
    cwd: dirname(manifest),
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`better-sqlite3 can't be packed:\n${stderr}`)
  return folder
}
