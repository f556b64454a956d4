// One file with everything that `spool --help`, `ls`, `search` and `show` need: bin/spool.js runs it from V8's code cache.
// The other commands load plugins, which must meet the same modules as the command itself, and so run unbundled.
import { build } from "esbuild"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { emit } from "./emit.mjs"

const cli = fileURLToPath(new URL("../packages/cli", import.meta.url))

/** What `effect` gives that is no module of its own. */
const functions = new Set(["absurd", "flow", "hole", "identity", "pipe", "unsafeCoerce"])

const deepImport = (specifier) => {
  const [name, alias = name] = specifier.split(/\s+as\s+/)
  return functions.has(name) ? `import { ${specifier} } from "effect/Function"` : `import * as ${alias} from "effect/${name}"`
}

/** `import { Effect } from "effect"` evaluates all of Effect; `import * as Effect from "effect/Effect"` lets the bundler leave most of it out. */
const withDeepImports = (source) =>
  source.replace(/^import \{([^}]*)\} from "effect"$/gm, (_, specifiers) =>
    specifiers
      .split(",")
      .map((specifier) => specifier.trim())
      .filter((specifier) => specifier !== "" && !specifier.startsWith("type "))
      .map(deepImport)
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

const ownSources = {
  name: "own-sources",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]packages[\\/]\w+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: withOwnPlace(withDeepImports(await readFile(path, "utf8")), path)
    }))
}

/** What a command imports when it begins to work stays where it is. */
const working = {
  name: "working-commands",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import"
        ? { path: relative(join(cli, "src", "bundle"), join(resolveDir, path)).replaceAll("\\", "/"), external: true }
        : undefined
    )
}

export const bundle = async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(cli, "src", "main.ts")],
    outfile: join(cli, "dist", "bundle", "spool.cjs"),
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: ["better-sqlite3", "jiti"],
    plugins: [ownSources, working],
    // Where the packages lie is asked when the command runs.
    logOverride: { "require-resolve-not-external": "silent" },
    metafile: true,
    write: false
  })
  emit(
    outputFiles.map(({ path, contents }) => ({
      path,
      // The first line names the contents, and with them the code cache that belongs to them.
      contents: Buffer.concat([Buffer.from(`// ${createHash("sha256").update(contents).digest("hex")}\n`), contents])
    }))
  )
  return metafile
}
