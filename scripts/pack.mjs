// Makes tarballs of what isn't on a registry: `npm run pack` → dist/*.tgz. `mediaspool-VERSION.tgz` is the command with our own packages
// inside; `author-NAME-VERSION.tgz` are those packages by themselves, for people who write plugins. publint and attw look at them;
// `sbom.cdx.json` lists all that comes with them.
// `node scripts/pack.mjs [folder]` puts them elsewhere; with `--unless-there` it does nothing where they are.
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { packages } from "./build.mjs"
import { sbom } from "./sbom.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
const { version } = manifestOf(join(root, "packages", "cli"))

const run = (command, args, cwd = root) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** Where the tarballs lie in a folder: `cli` is the command, which holds the others. */
export const tarballsIn = (folder) =>
  Object.fromEntries(
    packages.map((name) => [name, join(folder, name === "cli" ? `mediaspool-${version}.tgz` : `author-${name}-${version}.tgz`)])
  )

/** The command with our own packages in its node_modules, and everything that they need of a registry in its own manifest. */
const selfContained = (unpacked, into) => {
  const manifest = manifestOf(join(unpacked, "cli"))
  // What the command can do without, such as the workers, is installed beside it by those who want it.
  const own = packages
    .map((name) => manifestOf(join(unpacked, name)))
    .filter(({ name }) => manifest.dependencies[name] !== undefined)
  const isOurs = (name) => name.startsWith("@mediaspool/")
  const needed = (field) =>
    Object.fromEntries(
      [...own, manifest].flatMap((each) => Object.entries(each[field] ?? {}).filter(([name]) => !isOurs(name))).sort()
    )
  const whole = {
    ...manifest,
    // `spool plugin new` gives a new package what no registry has.
    unpublished: true,
    dependencies: { ...needed("dependencies"), ...Object.fromEntries(own.map(({ name, version }) => [name, version])) },
    optionalDependencies: needed("optionalDependencies"),
    bundleDependencies: own.map(({ name }) => name)
  }
  delete whole.devDependencies
  delete whole.scripts
  const folder = join(unpacked, "cli")
  for (const manifest of own) {
    const inside = join(folder, "node_modules", manifest.name)
    cpSync(join(unpacked, manifest.name.replace("@mediaspool/", "")), inside, { recursive: true })
    // npm takes what a bundled package depends on for bundled too, and would install none of it: the command names all of it instead.
    renameSync(join(inside, "package.json"), join(inside, "package.published.json"))
    const { dependencies, optionalDependencies, peerDependencies, ...rest } = manifest
    writeFileSync(
      join(inside, "package.json"),
      `${JSON.stringify({ ...rest, files: [...rest.files, "package.published.json"] }, null, 2)}\n`
    )
  }
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(whole, null, 2)}\n`)
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", into], folder)
  return join(into, `mediaspool-cli-${version}.tgz`)
}

/** Whole or as it was, for whoever reads it meanwhile. */
const place = (from, to) => {
  cpSync(from, `${to}.part`)
  renameSync(`${to}.part`, to)
}

const lives = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Packing makes every package's `dist` anew: one process does at a time, and the others wait. */
const alone = (folder, work) => {
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, ".packing")
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" })
      break
    } catch (error) {
      if (error.code !== "EEXIST") throw error
      const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0
      if (holder > 0 && !lives(holder)) rmSync(lock, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Packs every package into a folder; gives the tarballs' paths by package. */
export const pack = (folder) => {
  const work = mkdtempSync(join(tmpdir(), "mediaspool-pack-"))
  try {
    mkdirSync(folder, { recursive: true })
    // Once for all, instead of each by its own script.
    run(process.execPath, ["scripts/prepack.mjs"])
    const tarballs = tarballsIn(folder)
    for (const name of packages) {
      const options = ["--config.ignore-scripts=true", "--pack-destination", work]
      run(process.execPath, ["scripts/pnpm.mjs", "--dir", join("packages", name), "pack", ...options])
      // One may have a version of its own, as what crosses between machines changes by itself.
      const packed = join(work, `mediaspool-${name}-${manifestOf(join(root, "packages", name)).version}.tgz`)
      mkdirSync(join(work, "unpacked", name), { recursive: true })
      run("tar", ["-xzf", packed, "--strip-components=1", "-C", join(work, "unpacked", name)])
      if (name !== "cli") place(packed, tarballs[name])
    }
    place(selfContained(join(work, "unpacked"), work), tarballs.cli)
    const made = new Set(Object.values(tarballs))
    for (const name of readdirSync(folder))
      if (/^(mediaspool|author)-.*\.tgz$/.test(name) && !made.has(join(folder, name))) rmSync(join(folder, name))
    return tarballs
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Throws what publint or attw have against a tarball. The command has no types to look at. */
export const lint = (tarballs) => {
  for (const [name, tarball] of Object.entries(tarballs)) {
    if (name === "cli") continue
    run(process.execPath, ["node_modules/publint/src/cli.js", "run", tarball, "--strict"])
    run(process.execPath, ["node_modules/@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only", "--no-emoji"])
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [given] = process.argv.slice(2).filter((argument) => argument !== "--unless-there")
  const folder = resolve(given ?? join(root, "dist"))
  const list = join(folder, "sbom.cdx.json")
  alone(folder, () => {
    const tarballs = tarballsIn(folder)
    const isThere = Object.values(tarballs).every((tarball) => existsSync(tarball))
    if (isThere && process.argv.includes("--unless-there")) return
    lint(pack(folder))
    writeFileSync(list, `${JSON.stringify(sbom(), null, 2)}\n`)
  })
  for (const tarball of Object.values(tarballsIn(folder))) console.log(tarball)
  console.log(list)
}
