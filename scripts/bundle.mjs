// Four files that bin/spool.js runs from V8's code cache: `reading.cjs` for `--help`, `ls`, `search` and `show`, `checking.cjs` for
// `check`, `working.cjs` with everything else in it, and `sharing.cjs`, which also has all that plugins may import of `effect`, `@effect/platform` and our own
// packages, so that they meet the same modules as the command.
import { build } from "esbuild"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { emit } from "./emit.mjs"

const cli = fileURLToPath(new URL("../packages/cli", import.meta.url))

/** What `effect` gives that is no module of its own. */
const functions = new Set(["absurd", "flow", "hole", "identity", "pipe", "unsafeCoerce"])

/** The names in an import or export, each with the one it is given there; without types. */
const valuesOf = (specifiers) =>
  specifiers
    .split(",")
    .map((specifier) => specifier.trim())
    .filter((specifier) => specifier !== "" && !specifier.startsWith("type "))
    .map((specifier) => specifier.split(/\s+as\s+/))
    .map(([original, given = original]) => [original, given])

const deepImport = (from, [name, local]) =>
  functions.has(name) ? `import { ${name} as ${local} } from "effect/Function"` : `import * as ${local} from "${from}/${name}"`

const folderOf = (name) => join(cli, "..", name.replace("@mediaspool/", ""), "src")

/** What a package of ours exports: by name, how to import it from the module that defines it. */
const ownExports = (name) => {
  const source = readFileSync(join(folderOf(name), "index.ts"), "utf8")
  const from = (module) => JSON.stringify(join(folderOf(name), module.replace(/\.js$/, ".ts")))
  const namespaces = Array.from(source.matchAll(/^export \* as (\w+) from "(.*)"$/gm), ([, exported, module]) => [
    exported,
    (local) => `import * as ${local} from ${from(module)}`
  ])
  const named = Array.from(source.matchAll(/^export \{([^}]*)\} from "(.*)"$/gm)).flatMap(([, specifiers, module]) =>
    valuesOf(specifiers).map(([original, exported]) => [
      exported,
      (local) => `import { ${original} as ${local} } from ${from(module)}`
    ])
  )
  return new Map([...namespaces, ...named])
}

const ours = new Map(["@mediaspool/core", "@mediaspool/plugins"].map((name) => [name, ownExports(name)]))

/** One import of `deepImport` for each name: what isn't found where it is defined comes from the package, as written. */
const ownImport = (name, [original, local]) =>
  ours.get(name).get(original)?.(local) ?? `import { ${original} as ${local} } from "${name}"`

/**
 * `import { Effect } from "effect"` evaluates all of Effect, and `import { Plan } from "@mediaspool/core"` all of ours; imports of the
 * defining modules let the bundler leave most of it out, and a command evaluate no more than it needs.
 */
const withDeepImports = (source) =>
  source.replace(
    /^import \{([^}]*)\} from "(effect|@effect\/platform|@mediaspool\/core|@mediaspool\/plugins)"$/gm,
    (_, specifiers, name) =>
      valuesOf(specifiers)
        .map((specifier) => (ours.has(name) ? ownImport(name, specifier) : deepImport(name, specifier)))
        .join("; ")
  )

/** A module that looks for its neighbours finds those of its unbundled self. */
const withOwnPlace = (source, path) => {
  const [, name, module] = /[\\/]packages[\\/](\w+)[\\/]src[\\/](.*)\.ts$/.exec(path)
  const dist =
    name === "cli"
      ? `require("node:path").join(__dirname, "..")`
      : `require("node:path").dirname(require.resolve("@mediaspool/${name}"))`
  return source.replaceAll(
    "import.meta.url",
    `require("node:url").pathToFileURL(require("node:path").join(${dist}, "${module}.js")).href`
  )
}

/**
 * What a bundle leaves out and imports when it begins to work goes through `bin/spool.js`: in a script that was compiled from V8's code
 * cache, Node 20 answers `import()` with "A dynamic import callback was not specified".
 */
const withNativeImports = (source, path, isOutside) =>
  source.replace(/(?<!typeof )\bimport\("([^"]+)"\)/g, (whole, module) => {
    if (!isOutside(module)) return whole
    const fromBin = module.startsWith(".")
      ? relative(join(cli, "bin"), join(dirname(path).replace(join(cli, "src"), join(cli, "dist")), module)).replaceAll("\\", "/")
      : module
    return `nativeImport(${JSON.stringify(fromBin)})`
  })

/** Our own TypeScript. @param isOutside of a module's name: whether the bundle imports it only when it needs it, and from its own place */
const ownSources = (isOutside) => ({
  name: "own-sources",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]packages[\\/]\w+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: withOwnPlace(withNativeImports(withDeepImports(await readFile(path, "utf8")), path, isOutside), path)
    }))
})

/** Which version it is doesn't change until it is built again; asking the packages takes 2 ms of every start. */
const versions = {
  name: "versions",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]cli[\\/]src[\\/]Version\.ts$/ }, async () => {
      const [own, core] = await Promise.all(
        ["cli", "core"].map((name) => readFile(join(cli, "..", name, "package.json"), "utf8"))
      )
      const constant = (name, text) => `export const ${name} = ${JSON.stringify(JSON.parse(text).version)}\n`
      return { contents: constant("version", own) + constant("coreVersion", core) }
    })
}

const replaced = (name, source, changes) =>
  Object.entries(changes).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${name} has no \`${from}\` any more: see to scripts/bundle.mjs`)
    return text.replace(from, to)
  }, source)

/** What loads plugins and configs in TypeScript is in the bundle. Its compiler isn't: what was compiled once is kept. */
const loader = {
  name: "loader",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]jiti[\\/]lib[\\/]jiti\.mjs$/ }, async ({ path }) => ({
      loader: "js",
      contents: replaced("jiti", await readFile(path, "utf8"), {
        "const nativeImport = (id) => import(id);": "",
        'createRequire(import.meta.url)("../dist/babel.cjs")':
          'require(require("node:module").createRequire(require.resolve("@mediaspool/core")).resolve("jiti") + "/../../dist/babel.cjs")'
      })
    }))
}

/** Modules of Node that take a millisecond to load and that most commands never use: loaded when something of them is asked for. */
const lazyNode = {
  name: "lazy-node",
  setup: ({ onLoad, onResolve }) => {
    onResolve(
      { filter: /^(node:)?(child_process|dns\/promises|readline|v8|worker_threads|zlib)$/ },
      ({ kind, namespace, path }) =>
        namespace === "lazy-node" || kind === "dynamic-import"
          ? { path, external: true }
          : { path: path.replace(/^(node:)?/, "node:"), namespace: "lazy-node" }
    )
    onLoad({ filter: /./, namespace: "lazy-node" }, async ({ path }) => ({
      contents: `
for (const name of ${JSON.stringify(Object.keys(await import(path)))})
  Object.defineProperty(exports, name, { enumerable: true, get: () => require("${path}")[name] })`
    }))
  }
}

/** The eleven files of better-sqlite3 that are no machine code, and the place where it is built, which `bindings` looks for in twenty. */
const sqlite = {
  name: "sqlite",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]better-sqlite3[\\/]lib[\\/]database\.js$/ }, async ({ path }) => ({
      loader: "js",
      contents: replaced("better-sqlite3", await readFile(path, "utf8"), {
        "require('bindings')('better_sqlite3.node')":
          'require(require.resolve("better-sqlite3/package.json") + "/../build/Release/better_sqlite3.node")'
      })
    }))
}

/** Five megabytes of two pages that nobody here serves, but that `@effect/platform` gives to plugins: read when they are asked for. */
const lazyPages = {
  name: "lazy-pages",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^\.\/internal\/httpApi(Scalar|Swagger)\.js$/ }, ({ path }) => ({ path, namespace: "lazy-page" }))
    onLoad({ filter: /./, namespace: "lazy-page" }, ({ path }) => ({
      contents: `
const page = () => require(require("node:path").join(require.resolve("@effect/platform"), "..", "${path}"))
exports.__esModule = true
for (const name of ["javascript", "css"]) Object.defineProperty(exports, name, { enumerable: true, get: () => page()[name] })`
    }))
  }
}

/** The command reads a bundle byte by byte. esbuild escapes what isn't ASCII, but not in regular expressions. */
const ascii = (text) => text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const one = async (name, isOutside, ...plugins) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(cli, "src", "main.ts")],
    outfile: join(cli, "dist", "bundle", `${name}.cjs`),
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: ["better-sqlite3/package.json", "node-av", "sqlite-vec", "@mediaspool/workers"],
    plugins: [versions, ownSources(isOutside), sqlite, lazyNode, ...plugins],
    // Where the packages lie is asked when the command runs.
    logOverride: { "require-resolve-not-external": "silent" },
    metafile: true,
    write: false
  })
  emit(
    outputFiles
      .map(({ path, text }) => ({ path, contents: Buffer.from(ascii(text)) }))
      .map(({ path, contents }) => ({
        path,
        // The first line names the contents, and with them the code cache that belongs to them.
        contents: Buffer.concat([Buffer.from(`// ${createHash("sha256").update(contents).digest("hex")}\n`), contents])
      }))
  )
  return metafile
}

const optional = ["@mediaspool/workers"]
/** What strangers' plugins would need: there are none where this bundle runs. */
const forStrangers = ["effect", "@effect/platform", "jiti"]

/** What `check` loads when it works. */
const forCheck = ["./host.js", "./check/Check.js"]

export const bundle = () =>
  Promise.all([
    one("reading", () => true),
    one("checking", (module) => !forCheck.includes(module)),
    one("working", (module) => [...optional, ...forStrangers].includes(module)),
    one("sharing", (module) => optional.includes(module), loader, lazyPages)
  ])
