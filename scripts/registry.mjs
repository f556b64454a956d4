// Serves packed tarballs on loopback as npm's registry would: to try a package as its users will get it, before it is published.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { basename } from "node:path"
import { spawnSync } from "node:child_process"

/** What the registry says of a tarball. */
const manifest = (tarball, origin) => {
  const { stdout } = spawnSync("tar", ["-xOzf", tarball, "package/package.json"], { encoding: "utf8" })
  const about = JSON.parse(stdout)
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`
  const version = { ...about, dist: { tarball: `${origin}/${basename(tarball)}`, integrity } }
  return { name: about.name, "dist-tags": { latest: about.version }, versions: { [about.version]: version } }
}

/** Serves until closed; `url` is for `@scope:registry=`. `files` are served as they are, each at its path. */
export const serve = async (tarballs, files = []) => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1)
    const file = tarballs.find((file) => basename(file) === path) ?? files.find((entry) => entry.path === path)?.file
    if (file !== undefined) return response.end(readFileSync(file))
    const found = tarballs.map((file) => manifest(file, url)).find(({ name }) => name === path)
    response.statusCode = found === undefined ? 404 : 200
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(found ?? { error: "not found" }))
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  return { url, close: () => server.close() }
}
