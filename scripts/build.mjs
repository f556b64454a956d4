// Emits every package's JavaScript, file by file, so that workers and child processes find their own modules,
// and the bundle that the command starts from. Declarations are the type checker's part: `tsc -b`.
import { build as esbuild } from "esbuild"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundle } from "./bundle.mjs"
import { emit } from "./emit.mjs"
import { page } from "./page.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
/** What is published. The page is built into the server's package. */
export const packages = readdirSync(join(root, "packages")).filter(
  (name) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")).private !== true
)

/** The sources of a package that are published: everything but tests. */
const sources = (folder) =>
  readdirSync(join(folder, "src"), { recursive: true })
    .filter((path) => path.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(path))
    .map((path) => join(folder, "src", path))

const modules = async (name) => {
  const folder = join(root, "packages", name)
  const { outputFiles } = await esbuild({
    entryPoints: sources(folder),
    outbase: join(folder, "src"),
    outdir: join(folder, "dist"),
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    write: false
  })
  emit(outputFiles)
}

export const build = async () => {
  await Promise.all([...packages.map(modules), bundle()])
  await page()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--clean"))
    for (const name of packages) rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true })
  await build()
}
