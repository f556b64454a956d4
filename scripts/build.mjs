// Emits every package's JavaScript, file by file, so that workers and child processes find their own modules.
// Declarations are the type checker's part: `tsc -b`.
import { build } from "esbuild"
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The sources of a package that are published: everything but tests. */
const sources = (folder) =>
  readdirSync(join(folder, "src"), { recursive: true })
    .filter((path) => path.endsWith(".ts") && !/\.(test|tst)\.ts$/.test(path))
    .map((path) => join(folder, "src", path))

export const emit = async (name) => {
  const folder = join(root, "packages", name)
  await build({
    entryPoints: sources(folder),
    outbase: join(folder, "src"),
    outdir: join(folder, "dist"),
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--clean"))
    for (const name of ["core", "plugins", "cli"]) rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true })
  await Promise.all(["core", "plugins", "cli"].map(emit))
}
