import { ConfigError, Database, Original, type Project, Store, type StoreError } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { Effect, Either, Option } from "effect"
import { createHash } from "node:crypto"
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { load, mediaEngine } from "../layers.js"
import { bytes, counted } from "../render/Quantity.js"
import { inline, place } from "../render/Text.js"
import { needs } from "./Environment.js"
import { nodeFaults, nodesOf } from "./NodeFaults.js"

/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  readonly status: "ok" | "warning" | "problem"
  readonly detail: string
  /** What to do, unless all is well. */
  readonly help?: string
}

const ok = (name: string, detail: string): Finding => ({ name, status: "ok", detail })
const warning = (name: string, detail: string, help: string): Finding => ({ name, status: "warning", detail, help })
const problem = (name: string, detail: string, help: string): Finding => ({ name, status: "problem", detail, help })

const node = (): Finding => ok("node", `${process.version} on ${process.platform}-${process.arch}`)

/** An ffmpeg before this one has known holes that a hostile file can use. */
const OLD_FFMPEG = 5

const aged = (version: string): boolean => {
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? Number.NaN)
  return major < OLD_FFMPEG
}

/** A text that libav would take for a list of other files, beside a file that it names. */
const planted = (folder: string): Original => {
  const secret = join(folder, "secret.wav")
  writeFileSync(secret, "not for reading")
  const list = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`
  const path = join(folder, "planted.mp3")
  writeFileSync(path, list)
  return new Original({ path, size: list.length, hash: createHash("sha256").update(list).digest("hex") })
}

const playlist = Effect.gen(function* () {
  const engine = yield* MediaEngine
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-doctor-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const opened = yield* Effect.either(engine.probe(planted(folder)))
  return Either.isLeft(opened)
    ? ok("playlists", `a text that names another file is refused (${opened.left.code})`)
    : problem(
        "playlists",
        "a planted text made the engine open another file",
        "Don't read files from strangers with this engine."
      )
}).pipe(Effect.scoped)

const engine: Effect.Effect<ReadonlyArray<Finding>> = Effect.gen(function* () {
  const { engine } = yield* MediaEngine
  if (engine.name === "none")
    return [problem("engine", "nothing that reads media is installed", "Install ffmpeg, set FFMPEG_PATH, or install node-av.")]
  const found =
    engine.name === "ffmpeg" && aged(engine.version)
      ? warning("engine", `ffmpeg ${engine.version} is old`, "Newer ones have fewer holes: install one, or set FFMPEG_PATH.")
      : ok("engine", `${engine.name} ${engine.version}`)
  return [found, yield* playlist]
}).pipe(Effect.provide(mediaEngine))

const config = (named: Option.Option<string>): Effect.Effect<{ readonly finding: Finding; readonly project?: Project.Project }> =>
  Effect.map(Effect.either(load(named)), (loaded) => {
    if (Either.isRight(loaded)) {
      const { file, pipelines } = loaded.right
      return { finding: ok("config", `${place(file)}: ${[...pipelines.keys()].join(", ")}`), project: loaded.right }
    }
    const error: ConfigError = loaded.left
    const detail = inline(error.message)
    return {
      finding: error.code === "ConfigNotFound" ? warning("config", detail, error.help) : problem("config", detail, error.help)
    }
  })

const SPACE_LOW = 2e9

const disk = (folder: string): Finding => {
  // What isn't made yet will be on the disk of the folder above it.
  let there = folder
  while (!existsSync(there)) there = dirname(there)
  const { bavail, bsize } = statfsSync(there)
  const free = Number(bavail) * Number(bsize)
  return free < SPACE_LOW
    ? warning("disk", `${bytes(free)} are free for ${place(folder)}`, "Free some space: work waits when the disk is full.")
    : ok("disk", `${bytes(free)} are free for ${place(folder)}`)
}

/** SQLite reads every page for this; a large database takes a while. */
const integrity = (folder: string): Effect.Effect<ReadonlyArray<Finding>, StoreError> =>
  Effect.gen(function* () {
    const { reading, rows } = yield* Database
    const [sqlite, broken, foreign, items] = yield* reading(
      () =>
        [
          String(rows("SELECT sqlite_version() AS version", [])[0]?.["version"]),
          rows("PRAGMA integrity_check(5)", []).map((row) => String(row["integrity_check"])),
          rows("PRAGMA foreign_key_check", []).length,
          Number(rows("SELECT count(*) AS n FROM item WHERE gone_at = 0", [])[0]?.["n"])
        ] as const
    )
    const wrong = broken.filter((line) => line !== "ok")
    return [
      ok("sqlite", sqlite),
      wrong.length + foreign === 0
        ? ok("state", `${place(folder)} is sound, with ${counted(items, "file")}`)
        : problem(
            "state",
            wrong.length > 0 ? inline(wrong.join("; ")) : `${foreign} rows refer to others that are not there`,
            "Put a backup from `.spool/backups` in its place, or move spool.db away and run again."
          )
    ]
  }).pipe(Effect.provide(Store.layerReading(folder)))

const state = (folder: string): Effect.Effect<ReadonlyArray<Finding>> =>
  existsSync(join(folder, "spool.db"))
    ? Effect.catchAll(integrity(folder), ({ code, help, message }) =>
        Effect.succeed([problem("state", `${place(folder)}: ${inline(message)} (${code})`, help)])
      )
    : Effect.succeed([ok("state", `${place(folder)} is made by the first run`)])

const readable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

const sources = ({ pipelines }: Project.Project): ReadonlyArray<Finding> =>
  [...pipelines.values()].flatMap(({ plan: { pipeline, source } }) =>
    source === undefined
      ? []
      : [
          readable(source.folder)
            ? ok(`source of ${pipeline}`, place(source.folder))
            : problem(
                `source of ${pipeline}`,
                `${place(source.folder)} can't be read`,
                "Make the folder, or mend `source.folder`."
              )
        ]
  )

/** What the pipelines need, but for the engine, which has been looked at. */
const needed = (project: Project.Project): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const nodes = nodesOf(project)
    const faults = yield* nodeFaults(project, nodes)
    const found = yield* needs(project, nodes)
    return [
      ...faults.map(({ message, path }) => problem("config", `${path}: ${inline(message)}`, "`spool check` names the place.")),
      ...found
        .filter(({ type }) => type !== "engine")
        .map(({ detail, found, name, neededBy, type }) =>
          found
            ? ok(type, `${inline(name)}: ${detail}`)
            : problem(type, `${inline(name)}: ${inline(detail)}`, `${neededBy.join(", ")} can't run without it.`)
        )
    ]
  })

/** Looks at this machine, at the config and at the state folder. */
export const examine = (named: Option.Option<string>): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const { finding, project } = yield* config(named)
    const engines = yield* engine
    if (project === undefined) return [node(), ...engines, finding]
    return [
      node(),
      ...engines,
      finding,
      ...(yield* needed(project)),
      ...sources(project),
      ...(yield* state(project.state)),
      disk(project.state)
    ]
  })
