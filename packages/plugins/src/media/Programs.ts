import type { StateFolder } from "@mediaspool/core"
import { Effect, Option } from "effect"
import { constants, promises as fs, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"
import { MediaError } from "./MediaError.js"
import * as Program from "./Program.js"
import * as ProgramMemory from "./ProgramMemory.js"

/** ffmpeg as it was found. */
export interface FoundFfmpeg {
  readonly path: string
  readonly version: string
  readonly encoders: ReadonlySet<string>
  readonly ffprobe: string | undefined
}

/** What there is to read media with. */
export interface Programs {
  readonly ffmpeg: FoundFfmpeg | undefined
  /** The version of node-av, when it is installed. */
  readonly nodeAv: string | undefined
  /** `setpriv` on Linux: the kernel ends what it starts when this process dies. */
  readonly setpriv: string | undefined
}

const isRunnable = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    fs.access(path, constants.X_OK).then(
      () => true,
      () => false
    )
  )

const runnable = (path: string): Effect.Effect<string | undefined> =>
  Effect.map(isRunnable(path), (is) => (is ? path : undefined))

const onPath = (name: string): Effect.Effect<string | undefined> => {
  const file = process.platform === "win32" ? `${name}.exe` : name
  const places = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
  const paths = places.map((folder) => join(folder, file))
  return Effect.map(Effect.findFirst(paths, isRunnable), Option.getOrUndefined)
}

/** A program that the environment names must be there: another one in its stead would surprise. */
const named = (variable: string, name: string): Effect.Effect<string | undefined, MediaError> => {
  const path = process.env[variable]
  if (path === undefined || path === "") return onPath(name)
  return Effect.flatMap(runnable(path), (found) =>
    found === undefined
      ? Effect.fail(new MediaError({ code: "EngineMissing", detail: `${variable} names ${path}, which can't be run` }))
      : Effect.succeed(found)
  )
}

/** Asks ffmpeg for its version and what it can. */
const ask = (path: string) =>
  Effect.map(Program.run(path, ["-encoders"], "30 seconds"), ({ stderr, stdout }) => ({
    version: /^ffmpeg version (\S+)/m.exec(stderr)?.[1],
    encoders: [...stdout.matchAll(/^ [VAS][F.][S.][X.][B.][D.] (\S+)/gm)].flatMap(([, name]) =>
      name === undefined ? [] : [name]
    )
  }))

/** Whether a file only starts another program, which may become another unseen. */
const isScript = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    fs
      .open(path)
      .then((file) => file.read({ buffer: Buffer.alloc(2) }).finally(() => file.close()))
      .then(
        ({ buffer }) => buffer.toString("latin1") === "#!",
        () => true
      )
  )

/** ffmpeg's version and what it can, as it is remembered or as it says now. */
const capabilities = (path: string, isAsked: boolean) =>
  Effect.gen(function* () {
    const isKept = !(yield* isScript(path))
    const known = isKept && !isAsked ? yield* ProgramMemory.recall(path) : undefined
    if (known?.encoders !== undefined) return { version: known.version, encoders: known.encoders }
    const { encoders, version } = yield* ask(path)
    if (isKept && version !== undefined) yield* ProgramMemory.keep(path, { version, encoders })
    return { encoders, version: version ?? "unknown" }
  })

const findFfmpeg = (isAsked: boolean): Effect.Effect<FoundFfmpeg | undefined, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const path = yield* named("FFMPEG_PATH", "ffmpeg")
    if (path === undefined) return undefined
    const beside = yield* runnable(join(dirname(path), process.platform === "win32" ? "ffprobe.exe" : "ffprobe"))
    const explicit = process.env["FFPROBE_PATH"] ?? ""
    const ffprobe = explicit === "" ? (beside ?? (yield* onPath("ffprobe"))) : yield* named("FFPROBE_PATH", "ffprobe")
    const { encoders, version } = yield* capabilities(path, isAsked)
    return { path, ffprobe, version, encoders: new Set(encoders) }
  })

/** node-av and the binary for this platform; both are optional packages. */
const findNodeAv: Effect.Effect<string | undefined> = Effect.sync(() => {
  try {
    const main = createRequire(import.meta.url).resolve("node-av")
    const toolchain = process.platform === "win32" ? "-msvc" : ""
    createRequire(main).resolve(`@seydx/node-av-${process.platform}-${process.arch}${toolchain}/node-av.node`)
    return /"version":\s*"([^"]+)"/.exec(readFileSync(join(dirname(main), "..", "package.json"), "utf8"))?.[1]
  } catch {
    return undefined
  }
})

const look = (isAsked: boolean): Effect.Effect<Programs, MediaError, StateFolder> =>
  Effect.gen(function* () {
    const [ffmpeg, nodeAv, setpriv] = yield* Effect.all(
      [findFfmpeg(isAsked), findNodeAv, process.platform === "linux" ? onPath("setpriv") : Effect.succeed(undefined)],
      { concurrency: "unbounded" }
    )
    return { ffmpeg, nodeAv, setpriv }
  })

/**
 * Looks for what reads media: FFMPEG_PATH and FFPROBE_PATH, then PATH; and node-av. What ffmpeg can is remembered; else it is started
 * once, some 50 ms. Fails when a variable names what can't be run.
 */
export const find: Effect.Effect<Programs, MediaError, StateFolder> = look(false)

/** The same, with ffmpeg asked in any case. */
export const findAgain: Effect.Effect<Programs, MediaError, StateFolder> = look(true)
