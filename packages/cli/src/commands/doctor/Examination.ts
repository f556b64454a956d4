import { type ConfigError, Database, fileInTheWay, type Project, StateFolder, Store, type StoreError } from "@mediaspool/core"
import { MediaDoctor } from "@mediaspool/plugins"
import { Effect, Either, Option } from "effect"
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statfsSync } from "node:fs"
import { dirname, join } from "node:path"
import { load } from "../../host.js"
import * as OpenFiles from "../../OpenFiles.js"
import { bytes, counted } from "../../output/Quantity.js"
import { inline, place } from "../../output/Text.js"
import { lookAtQueue } from "../../workers.js"
import { needs } from "../check/Environment.js"
import { nodeFaults, nodesOf } from "../check/NodeDiagnostics.js"
import type { Finding } from "./Finding.js"
import { serverFindings } from "./serverFindings.js"

const ok = (name: string, detail: string): Finding => ({ name, status: "ok", detail })
const warning = (name: string, detail: string, help: string): Finding => ({ name, status: "warning", detail, help })
const problem = (name: string, detail: string, help: string): Finding => ({ name, status: "problem", detail, help })

const node = (): Finding => ok("node", `${process.version} on ${process.platform}-${process.arch}`)

const openFiles: Effect.Effect<ReadonlyArray<Finding>> = Effect.map(
  OpenFiles.shortage,
  Option.match({ onNone: () => [], onSome: (short) => [problem("open files", OpenFiles.sentence(short), OpenFiles.help)] })
)

/** The programs that read media, and whether one of them would follow a playlist to other files. */
const engines: Effect.Effect<ReadonlyArray<Finding>> = MediaDoctor.examine.pipe(
  Effect.map((programs) => {
    const unsafe = programs.filter(({ safe }) => !safe)
    const names = (of: typeof programs) => of.map(({ name }) => name).join(" and ")
    return programs.length === 0
      ? [problem("engine", "no media engine is installed", "Install ffmpeg, set FFMPEG_PATH, or install node-av.")]
      : [
          ...programs.map(({ name, path, version }) =>
            ok("engine", `${name} ${version}${path === undefined ? "" : ` at ${place(path)}`}`)
          ),
          ...programs.flatMap(({ warnings }) => warnings.map(({ detail, help }) => warning("engine", detail, help))),
          unsafe.length === 0
            ? ok("playlists", `${names(programs)} ${programs.length === 1 ? "opens" : "open"} no files named by a playlist`)
            : problem(
                "playlists",
                `${names(unsafe)} opened a file named by a playlist`,
                "It is not used. Install a newer ffmpeg, or unset FFMPEG_PATH and install node-av."
              )
        ]
  }),
  Effect.catchAll(({ code, help, message }) => Effect.succeed([problem("engine", `${inline(message)} (${code})`, help)])),
  Effect.provide(StateFolder.temporary)
)

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

/** What isn't made yet will be on the disk of the folder above it. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const disk = (folder: string): Finding => {
  const { bavail, bsize } = statfsSync(nearest(folder))
  const free = Number(bavail) * Number(bsize)
  return free < SPACE_LOW
    ? warning("disk", `${bytes(free)} free for ${place(folder)}`, "Free some space: work waits when the disk is full.")
    : ok("disk", `${bytes(free)} free for ${place(folder)}`)
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
        ? ok("state", `${place(folder)} is intact, with ${counted(items, "file")}`)
        : problem(
            "state",
            wrong.length > 0 ? inline(wrong.join("; ")) : `${foreign} rows refer to missing rows`,
            "Restore a backup from `.spool/backups`, or move spool.db away and run again."
          )
    ]
  }).pipe(Effect.provide(Store.layerReading(folder)))

/** Why no folder can be made in another one. Only trying tells: rights say nothing of `/proc`, or of a disk that is read-only. */
const unmakable = (parent: string): string | undefined => {
  try {
    rmdirSync(mkdtempSync(join(parent, ".spool-")))
    return undefined
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

const unmade = (folder: string): Finding => {
  const file = fileInTheWay(folder)
  const reason = file === undefined ? unmakable(nearest(folder)) : `${place(file)} is a file`
  return reason === undefined
    ? ok("state", `${place(folder)} will be created by the first run`)
    : problem(
        "state",
        `${place(folder)} can't be made: ${inline(reason)}`,
        "Set `state` in the config to a folder on a local disk that the user who runs Mediaspool may write."
      )
}

const state = (folder: string): Effect.Effect<ReadonlyArray<Finding>> =>
  existsSync(join(folder, "spool.db"))
    ? Effect.catchAll(integrity(folder), ({ code, help, message }) =>
        Effect.succeed([problem("state", `${place(folder)}: ${inline(message)} (${code})`, help)])
      )
    : Effect.sync(() => [unmade(folder)])

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
                `${place(source.folder)} cannot be read`,
                "Create the folder, or correct `source.folder`."
              )
        ]
  )

const roots = ({ workers }: Project.Project): ReadonlyArray<Finding> =>
  [...(workers?.roots ?? [])].map(([name, folder]) =>
    readable(folder)
      ? ok(`root ${name}`, place(folder))
      : problem(`root ${name}`, `${place(folder)} cannot be read`, "Mount the share, or correct `workers.roots`.")
  )

/** What the pipelines need, but for the engine, which has been looked at. */
const needed = (project: Project.Project): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const nodes = nodesOf(project)
    const faults = yield* nodeFaults(project, nodes)
    const found = yield* needs(project, nodes)
    return [
      ...faults.map(({ message, path }) => problem("config", `${path}: ${inline(message)}`, "`spool check` shows the place.")),
      ...found
        .filter(({ type }) => type !== "engine")
        .map(({ detail, found, name, neededBy, type }) =>
          found
            ? ok(type, `${inline(name)}: ${detail}`)
            : problem(type, `${inline(name)}: ${inline(detail)}`, `${neededBy.join(", ")} can't run without it.`)
        )
    ]
  })

const EVICTION = "Set `maxmemory-policy noeviction` there: what is thrown away is sent, and done, again."

const queue = (project: Project.Project): Effect.Effect<ReadonlyArray<Finding>> =>
  project.workers === undefined
    ? Effect.succeed([])
    : lookAtQueue(project, project.workers).pipe(
        Effect.map(({ detail, eviction }) =>
          eviction === undefined
            ? [ok("queue", detail)]
            : [warning("queue", `${detail}; it throws jobs away when its memory is used up (${inline(eviction)})`, EVICTION)]
        ),
        Effect.catchAll(({ help = "", message }) => Effect.succeed([problem("queue", message, help)]))
      )

/** Looks at this machine, at the config and at the state folder. */
export const examine = (named: Option.Option<string>): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const { finding, project } = yield* config(named)
    const read = yield* engines
    const machine = [node(), ...(yield* openFiles)]
    if (project === undefined) return [...machine, ...read, finding]
    return [
      ...machine,
      ...read,
      finding,
      ...(yield* needed(project)),
      ...(yield* serverFindings(project)),
      ...(yield* queue(project)),
      ...roots(project),
      ...sources(project),
      ...(yield* state(project.state)),
      disk(project.state)
    ]
  })
