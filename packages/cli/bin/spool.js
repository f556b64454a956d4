#!/usr/bin/env node
// Starts the command. What only reads runs from one bundled file with V8's code cache; what loads plugins runs unbundled,
// so that plugins and command share their modules.
"use strict"

const args = process.argv.slice(2)
const [major, minor] = process.versions.node.split(".").map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`spool needs Node 20.19 or newer; this is ${process.version}.`)
  process.exitCode = 78
} else if (args.length === 1 && args[0] === "--version") {
  console.log(require("../package.json").version)
} else {
  const path = commandPath(args)
  if (path === undefined) import("../dist/main.js").then(({ main }) => main(process.argv), unbuilt)
  else cached(path).main(process.argv)
}

/** The part of the bundle that these arguments run: each keeps a code cache of its own. Undefined for what loads plugins. */
function commandPath(args) {
  if (args.includes("--help") || args.includes("-h") || args.length === 0 || args[0].startsWith("-")) return "help"
  return ["ls", "search", "show"].includes(args[0]) ? args[0] : undefined
}

/** The bundle's exports, compiled from the cache where it fits: same contents, same Node, same machine. */
function cached(path) {
  const fs = require("node:fs")
  const vm = require("node:vm")
  const { join, dirname } = require("node:path")
  const filename = join(__dirname, "..", "dist", "bundle", "spool.cjs")
  let source
  try {
    source = fs.readFileSync(filename, "latin1")
  } catch (error) {
    return unbuilt(error)
  }
  const contents = source.slice(3, 3 + 32)
  const name = `${path}-${contents}-${process.version}-${process.arch}.cache`
  const folders = cacheFolders(dirname(filename))
  const cachedData = firstOf(folders, (folder) => fs.readFileSync(join(folder, name)))
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  })
  if (cachedData === undefined || script.cachedDataRejected)
    // At the end it also holds the functions that were compiled on the way.
    process.once("exit", () => firstOf(folders, (folder) => write(folder, name, script.createCachedData())))
  const module = { exports: {} }
  const require_ = require("node:module").createRequire(filename)
  script.runInThisContext()(module.exports, require_, module, filename, dirname(filename))
  return module.exports
}

/** Beside the bundle, or in the user's own cache where the package belongs to somebody else: never where strangers write. */
function cacheFolders(beside) {
  const { join } = require("node:path")
  const own = process.env.XDG_CACHE_HOME || join(require("node:os").homedir(), ".cache")
  return [beside, join(own, "mediaspool")]
}

function firstOf(folders, attempt) {
  for (const folder of folders)
    try {
      return attempt(folder)
    } catch {
      // The next one, or none: the cache only saves time.
    }
}

/** In one step, so that nobody reads half a cache; what an older bundle left goes. */
function write(folder, name, data) {
  const fs = require("node:fs")
  const { join } = require("node:path")
  fs.mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `${name}.${process.pid}.tmp`)
  fs.writeFileSync(temporary, data)
  fs.renameSync(temporary, join(folder, name))
  const path = name.slice(0, name.indexOf("-") + 1)
  for (const other of fs.readdirSync(folder))
    if (other.startsWith(path) && other.endsWith(".cache") && other !== name) fs.rmSync(join(folder, other), { force: true })
}

function unbuilt(error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" && error?.code !== "ENOENT") throw error
  console.error(`spool is not built: ${error.message}\nRun \`node scripts/setup.mjs\` in the repository's root.`)
  process.exit(78)
}
