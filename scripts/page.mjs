// Builds the page into the server's package. The server's own modules come first: the page reads its routes from them.
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const packages = fileURLToPath(new URL("../packages", import.meta.url))
const root = join(packages, "page")
const out = join(packages, "server", "dist", "page")

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Everything that the page is made of. */
const digest = () => {
  const inputs = [...files(join(root, "src")), join(root, "index.html"), join(root, "vite.config.ts"), join(root, "package.json")]
  const hash = createHash("sha256")
  for (const path of [...inputs, ...files(join(packages, "server", "src", "api"))])
    hash.update(path.slice(packages.length)).update(readFileSync(path))
  return hash.digest("hex")
}

/** Takes some seconds, so only after a change. */
export const page = async () => {
  const stamp = join(out, ".stamp")
  const now = digest()
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return
  const { build } = await import(new URL("../packages/page/node_modules/vite/dist/node/index.js", import.meta.url).href)
  await build({ root, configFile: join(root, "vite.config.ts"), logLevel: "error" })
  writeFileSync(stamp, now)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await page()
