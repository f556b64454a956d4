// What a package needs in `dist` before it is packed: JavaScript and declarations, made anew.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { build, packages } from "./build.mjs"

await build()
const root = fileURLToPath(new URL("..", import.meta.url))
const folders = packages.map((name) => `packages/${name}`)
const types = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...folders], { cwd: root, stdio: "inherit" })
process.exitCode = types.status ?? 1
