#!/usr/bin/env node
// Starts the command from a bundled file and V8's code cache: the smallest of four that has what the command needs.
"use strict"

const fs = require("node:fs")
const { dirname, join, resolve } = require("node:path")

const args = process.argv.slice(2)
const [major, minor] = process.versions.node.split(".").map(Number)

/** Commands that only read. */
const reading = ["ls", "search", "show"]
/** Commands that share their modules with plugins or optional packages whatever the config says now. */
const sharing = ["watch", "plugin", "worker", "workers"]

/** Flags of V8 that were changed since the start, and what makes all of them as they were when the cache was read. */
const changed = []
const takeBack = []
const set = (flags) => flags.forEach((flag) => require("node:v8").setFlagsFromString(flag))

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`spool needs Node 20.19 or newer; this is ${process.version}.`)
  process.exitCode = 78
} else if (args.length === 1 && args[0] === "--version") {
  console.log(require("../package.json").version)
} else {
  start()
}

function start() {
  const [first = "--help"] = args
  const startLine = showStartLine(first)
  if (args.includes("--help") || args.includes("-h") || first.startsWith("-")) return cached("reading", "help").main(process.argv)
  const config = configFile()
  const isYaml = config === undefined || /\.ya?ml$/i.test(config)
  // A search by likeness or meaning measures a file, or asks a model; which files are ignored, only a look through the folders tells.
  const works =
    (first === "search" && args.some((arg) => /^--(like|meaning)(=|$)/.test(arg))) ||
    (first === "ls" && args.some((arg) => /^(--(status|state)=)?ignored$/.test(arg)))
  if (reading.includes(first) && isYaml && !works) return cached("reading", first).main(process.argv)
  if (first === "serve") keepYoungSmall()
  spareThreads(first, isLong(first, config))
  if (sharing.includes(first) || !isYaml || mentions(config, /plugins|workers/))
    return cached("sharing", isExecutor(first) ? "executor" : first).main(process.argv, startLine)
  return cached(first === "check" && !args.includes("--env") ? "checking" : "working", first).main(process.argv, startLine)
}

/**
 * Leaves the processors to the work, and memory to the machine. Functions are optimized later than V8 would: over some hundred files,
 * compiling takes more than it saves; over thousands of jobs it pays. Garbage is collected by the thread that made it: the little there
 * is, four threads would share at twice the cost. Measured with Node 20; newer ones compile in other steps.
 *
 * A flag voids the code caches of Node and of the command; so these wait until the threads have started, and are taken back before the
 * cache is written.
 */
function spareThreads(command, isLong) {
  const change = (flags) => (changed.push(...flags), set(flags))
  const growth = growthOf(command, isLong)
  if (growth !== undefined) {
    setTimeout(change, 1000, [`--heap-growing-percent=${growth}`]).unref()
    takeBack.push(() => set(["--heap-growing-percent=0"]))
  }
  if (major !== 20) return
  // Bytes of code that a function runs before V8 looks whether to optimize it: its own, and ours.
  const late = isLong ? [] : ["--interrupt-budget=600000"]
  setTimeout(change, 1000, [...late, "--no-parallel-scavenge"]).unref()
  // What goes on for so long has thousands of files, or a processor to spare.
  setTimeout(change, 20_000, ["--interrupt-budget=67584"]).unref()
  takeBack.push(() => set(["--interrupt-budget=67584", "--parallel-scavenge"]))
}

/**
 * How much garbage may gather, in percent of what is in use, before V8 looks for it: left to itself it lets the heap grow fourfold. Where
 * much is under way at once, or for long, some processor time keeps the process small.
 */
function growthOf(command, isLong) {
  if (command === "run") return isLong ? 25 : 80
  return { export: 25, serve: 40, watch: 25 }[command]
}

/**
 * Keeps the room for new objects as it is. What the page's server makes lives for one answer; while it loads, V8 would let that room
 * grow to 48 MB, and keep it for as long as the server runs. Each thread that starts takes the flag back, so it is set again then; and
 * at the end, since the cache is written and read under one flag.
 */
function keepYoungSmall() {
  if (major !== 20) return
  const keep = () => require("node:v8").setFlagsFromString("--semi-space-growth-factor=1")
  keep()
  process.on("worker", (thread) => thread.once("online", keep))
  takeBack.push(keep)
}

/** Whether it is the process of a worker that runs stages: it needs other functions than the one that takes jobs. */
function isExecutor(command) {
  return command === "worker" && process.env.SPOOL_EXECUTOR !== undefined
}

/** Whether it goes on for thousands of jobs: a worker, or what keeps workers busy. */
function isLong(command, config) {
  return command === "worker" || mentions(config, /^workers:/m)
}

/** Says on a terminal that something happens, before anything is loaded; what is written first takes the line's place. */
function showStartLine(first) {
  const shown = ["plan", "run", "watch"].includes(first) && process.stderr.isTTY === true && process.env.TERM !== "dumb"
  if (shown && !args.includes("--help") && !args.includes("-h")) process.stderr.write(`spool ${first}: starting …\r`)
  return shown
}

/** The config that the command will find, if any. */
function configFile() {
  const at = args.indexOf("--config")
  const named = at === -1 ? args.find((arg) => arg.startsWith("--config="))?.slice("--config=".length) : args[at + 1]
  try {
    return named === undefined ? nearest(process.cwd()) : resolve(named)
  } catch {
    // The command itself says what is wrong.
  }
}

/** Whether a config says this somewhere. */
function mentions(file, pattern) {
  try {
    return file !== undefined && pattern.test(fs.readFileSync(file, "latin1"))
  } catch {
    return false
  }
}

function nearest(folder) {
  const found = fs.readdirSync(folder).find((name) => /^spool(\.config)?\.(ya?ml|m?[jt]s)$/.test(name))
  if (found !== undefined) return join(folder, found)
  return dirname(folder) === folder ? undefined : nearest(dirname(folder))
}

/** A bundle's exports, compiled from the cache where it fits: same contents, same Node, same machine. Each path has its own. */
function cached(bundle, path) {
  const vm = require("node:vm")
  const filename = join(__dirname, "..", "dist", "bundle", `${bundle}.cjs`)
  let source
  try {
    source = fs.readFileSync(filename, "latin1")
  } catch (error) {
    return unbuilt(error)
  }
  const contents = source.slice(3, 3 + 32)
  const name = `${path}.${bundle}-${contents}-${process.version}-${process.arch}.cache`
  const folders = cacheFolders(dirname(filename))
  const cachedData = firstOf(folders, (folder) => fs.readFileSync(join(folder, name)))
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname, nativeImport) {${source}\n})`, {
    filename,
    cachedData
  })
  if (cachedData === undefined || script.cachedDataRejected)
    keepCode(path, () => firstOf(folders, (folder) => write(folder, name, script.createCachedData())))
  const module = { exports: {} }
  const require_ = require("node:module").createRequire(filename)
  // Effect looks at a stack as it loads, for which V8 would count the lines of the whole bundle.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    script.runInThisContext()(module.exports, require_, module, filename, dirname(filename), (name) => import(name))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return module.exports
}

/**
 * Writes the code cache once, with the functions that were compiled on the way: at the end, or after some seconds of work. V8 throws away
 * the code of what ran once, as modules do, after some rounds of garbage. Not before that: every later start would compile the bundle
 * again, which takes 60 MB for the largest.
 */
function keepCode(path, write) {
  const keeping = setTimeout(set, 1000, ["--no-flush-bytecode"]).unref()
  let isSaved = false
  const save = () => {
    if (isSaved) return
    isSaved = true
    clearTimeout(keeping)
    set(["--flush-bytecode"])
    takeBack.forEach((act) => act())
    write()
    set(changed)
  }
  const soon = () => void setTimeout(save, 10_000).unref()
  process.once("exit", save)
  // It is idle until the first job comes.
  if (path === "executor") process.once("message", soon)
  else soon()
}

/** Beside the bundle, or in the user's own cache where the package belongs to somebody else: never where strangers write. */
function cacheFolders(beside) {
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
