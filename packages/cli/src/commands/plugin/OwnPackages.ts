import { Command, type CommandExecutor, FileSystem, Path } from "@effect/platform"
import { Effect, Schema, Stream } from "effect"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import { Refused } from "../../Refused.js"

const packages = createRequire(import.meta.url)

/** This command's own package, as it was installed. */
const command = dirname(packages.resolve("../../../package.json"))

const Manifest = Schema.parseJson(
  Schema.Struct({
    version: Schema.String,
    unpublished: Schema.optional(Schema.Boolean),
    dependencies: Schema.Record({ key: Schema.String, value: Schema.String })
  })
)

/** What a new plugin needs of us. The command brings the packages that only it needs. */
const names = ["core", "plugins", "cli"] as const

const failed = (message: string, help: string) => new Refused({ code: ExitCode.failed, message, help })

const unreadable = ({ message }: { readonly message: string }) =>
  failed(`Cannot pack Mediaspool's packages: ${message}`, "Check the folder's permissions and free disk space.")

/** What it prints is the names of the tarballs; what goes wrong, it says on stderr. */
const run = (cwd: string, program: string, ...args: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(
      Command.start(Command.make(program, ...args).pipe(Command.workingDirectory(cwd), Command.stderr("inherit"))),
      ({ exitCode, stdout }) => Effect.zipLeft(exitCode, Stream.runDrain(stdout), { concurrent: true })
    )
  ).pipe(
    Effect.mapError(unreadable),
    Effect.filterOrFail(
      (code) => code === 0,
      (code) => failed(`\`${program} ${args.join(" ")}\` ended with ${code}.`, "Fix what it reports, then try again.")
    )
  )

/** Packs a package as it lies here; the command with our other packages, but without what comes from a registry. */
const packInstalled = (name: (typeof names)[number], file: string, into: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const from = name === "cli" ? command : path.resolve(dirname(packages.resolve(`@mediaspool/${name}`)), "..")
    const work = yield* fs.makeTempDirectoryScoped({ prefix: "spool-pack-" })
    const copy = path.join(work, "package")
    yield* fs.makeDirectory(copy)
    const own = (yield* fs.readDirectory(from)).filter((entry) => entry !== "node_modules")
    yield* Effect.forEach(own, (entry) => fs.copy(path.join(from, entry), path.join(copy, entry)), { discard: true })
    const published = path.join(copy, "package.published.json")
    // Inside the command, a package leaves its dependencies to the command's own manifest.
    if (yield* fs.exists(published)) yield* fs.rename(published, path.join(copy, "package.json"))
    const scope = path.join(from, "node_modules", "@mediaspool")
    const bundled = name === "cli" && (yield* fs.exists(scope)) ? yield* fs.readDirectory(scope) : []
    yield* Effect.forEach(
      bundled,
      (each) =>
        Effect.gen(function* () {
          const target = path.join(copy, "node_modules", "@mediaspool", each)
          yield* fs.makeDirectory(target, { recursive: true })
          const entries = (yield* fs.readDirectory(path.join(scope, each))).filter((entry) => entry !== "node_modules")
          yield* Effect.forEach(entries, (entry) => fs.copy(path.join(scope, each, entry), path.join(target, entry)), {
            discard: true
          })
        }),
      { discard: true }
    )
    yield* run(copy, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", work)
    const packed = (yield* fs.readDirectory(work)).find((entry) => entry.endsWith(".tgz"))
    if (packed !== undefined) yield* fs.copyFile(path.join(work, packed), path.join(into, file))
  }).pipe(Effect.scoped)

/** The tarballs of a checkout, packed now unless `npm run pack` has done so. */
const packCheckout = (version: string, install: boolean) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = join(command, "..", "..")
    const sources = names.map((name) =>
      join(root, "dist", name === "cli" ? `mediaspool-${version}.tgz` : `author-${name}-${version}.tgz`)
    )
    const there = yield* Effect.every(sources, (file) => fs.exists(file))
    if (!there && !install) return []
    if (!there) yield* run(root, process.execPath, join("scripts", "pack.mjs"), "--unless-there")
    return sources
  })

/**
 * Puts Mediaspool's packages into a new plugin's folder, as `vendor/*.tgz`, and names them in its manifest, unless a registry has them.
 * They are those of the command that runs.
 *
 * @param install whether the plugin's dependencies are installed at once
 */
export const vendor = (
  folder: string,
  install: boolean
): Effect.Effect<ReadonlyArray<string>, Refused, FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { dependencies, unpublished, version } = yield* Effect.flatMap(
      fs.readFileString(path.join(command, "package.json")),
      Schema.decode(Manifest)
    )
    const isCheckout = dependencies["@mediaspool/core"]?.startsWith("workspace:") === true
    if (!isCheckout && unpublished !== true) return []
    const sources = isCheckout ? yield* packCheckout(version, install) : []
    if (isCheckout && sources.length === 0) return []
    yield* fs.makeDirectory(path.join(folder, "vendor"), { recursive: true })
    const files = yield* Effect.forEach(names, (name, i) => {
      const file = path.join("vendor", `mediaspool-${name}-${version}.tgz`)
      const source = sources[i]
      return Effect.as(
        source === undefined ? packInstalled(name, file, folder) : fs.copyFile(source, path.join(folder, file)),
        file
      )
    })
    const manifest = path.join(folder, "package.json")
    const text = yield* fs.readFileString(manifest)
    const [peers = "", rest = ""] = text.split('"devDependencies"')
    const named = names.reduce(
      (dev, name, i) =>
        dev.replace(new RegExp(`("@mediaspool/${name}": )"[^"]*"`), `$1"file:${files[i]?.replaceAll("\\", "/")}"`),
      rest
    )
    yield* fs.writeFileString(manifest, `${peers}"devDependencies"${named}`)
    return files
  }).pipe(Effect.catchTags({ BadArgument: unreadable, SystemError: unreadable, ParseError: unreadable }))
