import { ConfigFile } from "@mediaspool/core"
import { watch } from "chokidar"
import { Effect, Option, Stream } from "effect"
import { spawn } from "node:child_process"
import { dirname, extname, join, relative, sep } from "node:path"
import * as Diagnostics from "../../Diagnostics.js"
import { Output, paint } from "../../output/Output.js"
import { place } from "../../output/Text.js"
import { stateFolder } from "../../project.js"
import { SCHEMA } from "../schema/SchemaFile.js"

/** What a stage is written in, and its config. */
const SOURCES = new Set([".ts", ".mts", ".js", ".mjs", ".json", ".yaml", ".yml"])
const LEFT_ALONE = new Set(["node_modules", "dist", ".spool", ".git", SCHEMA])

const isWithin = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep)

/** A save is often several events. */
const QUIET = "150 millis"

/**
 * Saves below a folder: the path of the last file of each burst.
 *
 * @param state where each run writes; absolute
 */
const saves = (folder: string, state: string): Stream.Stream<string> =>
  Stream.asyncPush<string>((emit) =>
    Effect.acquireRelease(
      Effect.sync(() =>
        watch(folder, {
          ignoreInitial: true,
          ignored: (path, stats) =>
            isWithin(state, path) ||
            relative(folder, path)
              .split(sep)
              .some((part) => LEFT_ALONE.has(part)) ||
            (stats?.isFile() === true && !SOURCES.has(extname(path)))
        }).on("all", (_event, path) => void emit.single(path))
      ),
      (watcher) => Effect.promise(() => watcher.close())
    )
  ).pipe(Stream.debounce(QUIET))

/** One run in a process of its own: it sees the files as they are now, and may hang or break as it likes. */
const runOnce = (args: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [process.argv[1] ?? "", ...args], { stdio: ["ignore", "inherit", "inherit"] })
    child.on("error", () => resume(Effect.void))
    child.on("close", () => resume(Effect.void))
    return Effect.async<void>((ended) => {
      // A signal to a child without a pid would reach our own process group.
      if (child.pid === undefined) return ended(Effect.void)
      child.once("close", () => ended(Effect.void))
      child.kill("SIGTERM")
      setTimeout(() => child.kill("SIGKILL"), 3000).unref()
    })
  })

/**
 * Runs now and at every save, until Ctrl-C. A save during a run ends it and begins the next.
 *
 * @param args of the command that runs once
 */
export const loop = (config: Option.Option<string>, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    const file = yield* ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(config) })
    const folder = dirname(file)
    // A config that can't be read is told by the run.
    const state = yield* Effect.orElseSucceed(stateFolder(config), () => join(folder, ".spool"))
    const note = (cause: string) =>
      output.note(paint.dim(`\n── ${new Date().toTimeString().slice(0, 8)} ${cause} ${"─".repeat(20)}`))
    yield* Stream.concat(Stream.succeed(undefined), saves(folder, state)).pipe(
      Stream.flatMap(
        (saved) =>
          Stream.fromEffect(
            Effect.zipRight(note(saved === undefined ? `watching ${place(folder)}` : `${place(saved)} saved`), runOnce(args))
          ),
        { switch: true }
      ),
      Stream.runDrain
    )
  }).pipe(Effect.catchTag("ConfigError", Diagnostics.refuse))
