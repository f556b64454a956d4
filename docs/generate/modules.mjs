import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The built modules of a package whose source matches, each with its path below `src`. */
export const modulesOf = async (name, matches) => {
  const src = join(root, "packages", name, "src")
  const paths = readdirSync(src, { recursive: true })
    .filter((path) => path.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(path))
    .filter((path) => matches.test(readFileSync(join(src, path), "utf8")))
    .sort()
  return Promise.all(
    paths.map(async (path) => {
      const built = pathToFileURL(join(root, "packages", name, "dist", path.replace(/\.ts$/, ".js")))
      return { path, source: join(src, path), exports: await import(built.href) }
    })
  )
}
