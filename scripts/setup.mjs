// Installs and builds what has changed since the last time; says nothing and takes a moment when nothing has.
import { createHash } from "node:crypto"
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { pnpm } from "./pnpm.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const at = (...path) => join(root, ...path)

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Mediaspool needs Node 20.19 or newer; this is ${process.version}.`)
  process.exit(78)
}

/** Runs `step` when its inputs differ from those of its last success, which `stamp` remembers. */
const once = async (stamp, inputs, step) => {
  const digest = inputs.reduce((hash, input) => hash.update(input).update("\0"), createHash("sha256")).digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return
  await step()
  writeFileSync(stamp, digest)
}

const folders = (group) =>
  existsSync(at(group))
    ? readdirSync(at(group))
        .map((name) => at(group, name))
        .filter((path) => statSync(path).isDirectory())
    : []
const packages = folders("packages")
const manifests = [root, ...packages, ...folders("examples")].map((path) => join(path, "package.json")).filter(existsSync)

// The compiled parts of the dependencies belong to one version of Node on one kind of machine.
const machine = `${process.versions.modules} ${process.platform} ${process.arch}`
/** The demo needs no speech detector, whose runtime takes some 290 MB. */
const isLight = process.argv.includes("--without-speech")
const installed = at("node_modules", ".mediaspool-installed")
await once(
  // What is installed in full is enough for the demo too.
  isLight && !existsSync(installed) ? `${installed}-light` : installed,
  [machine, ...[at("pnpm-lock.yaml"), at("pnpm-workspace.yaml"), ...manifests].map((path) => readFileSync(path))],
  () => {
    console.error("Installing the dependencies (once; a few minutes where better-sqlite3 has to be compiled) …")
    const code = pnpm(
      "install",
      "--frozen-lockfile",
      "--reporter=append-only",
      ...(isLight ? ["--filter", "!@mediaspool/speech"] : [])
    )
    if (code !== 0) process.exit(code)
  }
)

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
const sources = [...packages.map((folder) => join(folder, "src")), at("scripts")].flatMap(files)
const built = at("node_modules", ".mediaspool-built")
// A build folder that somebody removed is made again. The page is built into the server's.
const builds = packages.map((folder) =>
  folder === at("packages", "page") ? at("packages", "server", "dist", "page") : join(folder, "dist")
)
if (!builds.every(existsSync)) rmSync(built, { force: true })
await once(
  built,
  sources.flatMap((path) => [path, readFileSync(path)]),
  async () => {
    const { build } = await import("./build.mjs")
    await build()
  }
)
