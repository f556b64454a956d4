// Packs what is published, as npm would, and looks at the tarballs with publint and attw.
// `node scripts/pack.mjs [folder]`: the tarballs go to `folder` (default: a temporary one) and their paths to stdout.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const packages = ["core", "plugins", "emulator", "cli"]

const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** The tarballs in a folder, by package. */
export const packed = (folder) =>
  Object.fromEntries(
    packages.map((name) => [
      name,
      join(
        folder,
        readdirSync(folder).find((file) => file.startsWith(`mediaspool-${name}-`))
      )
    ])
  )

/** Packs every package into a folder; gives the tarballs' paths by package. */
export const pack = (folder) => {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (/^mediaspool-.*\.tgz$/.test(name)) rmSync(join(folder, name))
  // Once for all three, instead of each by its own script.
  run("scripts/prepack.mjs")
  const options = ["--config.ignore-scripts=true", "--pack-destination", folder]
  for (const name of packages) run("scripts/pnpm.mjs", "--dir", join("packages", name), "pack", ...options)
  return packed(folder)
}

/** Throws what publint or attw have against a tarball. The command has no types to look at. */
export const lint = (tarballs) => {
  for (const [name, tarball] of Object.entries(tarballs)) {
    run("node_modules/publint/src/cli.js", "run", tarball, "--strict")
    if (name !== "cli") run("node_modules/@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only", "--no-emoji")
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tarballs = pack(resolve(process.argv[2] ?? mkdtempSync(join(tmpdir(), "mediaspool-pack-"))))
  lint(tarballs)
  for (const tarball of Object.values(tarballs)) console.log(tarball)
}
