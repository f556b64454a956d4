// Emits every package's JavaScript, file by file; each thread and child process as one file, which is loaded in half the time; and the
// bundles that the command starts from. Declarations are the type checker's part: `tsc -b`.
import { build as esbuild } from "esbuild"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
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

/** What of node-av is used becomes a part of the program; its binary is found where node-av itself lies. */
const nodeAv = {
  name: "node-av",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^node-av\// }, ({ path, resolveDir }) => {
      try {
        return { path: createRequire(join(resolveDir, "x")).resolve(path) }
      } catch {
        // It is optional, and not for every platform.
        return { path, external: true }
      }
    })
    onLoad({ filter: /[\\/]node-av[\\/]dist[\\/]lib[\\/]binding\.js$/ }, async ({ path }) => ({
      loader: "js",
      contents: `import { pathToFileURL } from "node:url"\n${await readFile(path, "utf8")}`.replaceAll(
        "import.meta.url",
        'pathToFileURL(createRequire(__filename).resolve("node-av/lib"))'
      )
    }))
  }
}

const modules = async (name) => {
  const folder = join(root, "packages", name)
  const options = {
    outbase: join(folder, "src"),
    outdir: join(folder, "dist"),
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    write: false
  }
  const whole = { ...options, bundle: true, packages: "external", sourcemap: false }
  const paths = sources(folder)
  const found = await Promise.all([
    esbuild({ ...options, entryPoints: paths.filter((path) => !/\.(worker|child)\.ts$/.test(path)) }),
    esbuild({ ...whole, entryPoints: paths.filter((path) => path.endsWith(".worker.ts")) }),
    // A process needn't load what loads ES modules.
    esbuild({
      ...whole,
      entryPoints: paths.filter((path) => path.endsWith(".child.ts")),
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      plugins: [nodeAv]
    })
  ])
  emit(found.flatMap(({ outputFiles }) => outputFiles))
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
