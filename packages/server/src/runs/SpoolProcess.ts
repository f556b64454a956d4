import { Chunk, Context, Effect, Layer, Option, Stream, SubscriptionRef } from "effect"
import { Command, CommandExecutor } from "@effect/platform"
import { refused, type Refused } from "../api/Problem.js"
import { Site } from "../Site.js"

/** A run that this server started. */
interface Started {
  readonly stop: Effect.Effect<void>
}

export interface Service {
  /** Starts `spool run`: a process of its own, which goes on when the page is closed and is asked to finish when the server ends. */
  readonly start: (pipeline: string) => Effect.Effect<void, Refused>
  /** Runs a pipeline over one file, which a person asked about again: at once, or after the run of it that this server has under way. */
  readonly redo: (pipeline: string, path: string) => Effect.Effect<void, Refused>
  /** Asks it to finish what it has begun; the second time, to stop at once. */
  readonly stop: (pipeline: string) => Effect.Effect<void, Refused>
  readonly running: Effect.Effect<ReadonlySet<string>>
  /** What the last one that ended badly said. */
  readonly trouble: Effect.Effect<Option.Option<{ readonly pipeline: string; readonly message: string }>>
  /** One command's values, a line each. Words that somebody typed are operands: never taken for options. */
  readonly values: (
    args: ReadonlyArray<string>,
    operands?: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<string>, Refused>
}

/** Paths that one command line surely holds. */
const REDOS_AT_ONCE = 200

/** Lines of a command's values; of more, the last ones. */
const LINES_KEPT = 10_000

const said = (stream: Stream.Stream<Uint8Array, unknown>) =>
  stream.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.runFold<ReadonlyArray<string>, string>([], (lines, line) => [...lines.slice(-200), line]),
    Effect.orElseSucceed((): ReadonlyArray<string> => [])
  )

/** The lines a person reads, without the marks of a terminal. */
const message = (lines: ReadonlyArray<string>): string =>
  lines
    .filter((line) => line.trim() !== "")
    .slice(-6)
    .join("\n")
    .replace(/^✗ /, "")

const make = Effect.gen(function* () {
  const site = yield* Site
  const executor = yield* CommandExecutor.CommandExecutor
  const scope = yield* Effect.scope
  const runs = new Map<string, Started>()
  /** By pipeline: files that wait for the end of the run that is under way. */
  const redos = new Map<string, Set<string>>()
  const trouble = yield* SubscriptionRef.make(Option.none<{ readonly pipeline: string; readonly message: string }>())

  const command = (args: ReadonlyArray<string>, operands: ReadonlyArray<string> = []) => {
    const [program, ...before] = site.command
    const config = site.config === undefined ? [] : ["--config", site.config]
    const after = operands.length === 0 ? [] : ["--", ...operands]
    return Command.make(program, ...before, ...args, ...config, "--json", ...after).pipe(
      Command.workingDirectory(site.folder),
      Command.env({ NO_COLOR: "1" })
    )
  }
  const notStarted = (cause: { readonly message: string }) =>
    refused("RunRefused", `the command can't be started: ${cause.message}`)

  /** Those that are there now, taken out. */
  const takeRedos = (pipeline: string): ReadonlyArray<string> => {
    const paths = [...(redos.get(pipeline) ?? [])].slice(0, REDOS_AT_ONCE)
    for (const path of paths) redos.get(pipeline)?.delete(path)
    return paths
  }
  const next = (pipeline: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const paths = takeRedos(pipeline)
      return paths.length === 0 ? Effect.void : Effect.ignore(start(pipeline, paths))
    })

  const start = (pipeline: string, paths: ReadonlyArray<string> = []): Effect.Effect<void, Refused> =>
    Effect.gen(function* () {
      if (runs.has(pipeline)) return yield* refused("RunRefused", `'${pipeline}' is running already`)
      runs.set(pipeline, { stop: Effect.void })
      yield* SubscriptionRef.set(trouble, Option.none())
      const started = yield* Effect.makeLatch()
      yield* Effect.gen(function* () {
        const child = yield* executor.start(command(["run", pipeline], paths))
        runs.set(pipeline, { stop: Effect.ignore(child.kill("SIGINT")) })
        yield* started.open
        const [, errors, code] = yield* Effect.all([Stream.runDrain(child.stdout), said(child.stderr), child.exitCode], {
          concurrency: 3
        })
        // 1: some files failed, 75: some wait. Both are said in their own places.
        if (![0, 1, 75, 130, 143].includes(code))
          yield* SubscriptionRef.set(trouble, Option.some({ pipeline, message: message(errors) }))
      }).pipe(
        Effect.scoped,
        Effect.catchAll((cause) => SubscriptionRef.set(trouble, Option.some({ pipeline, message: cause.message }))),
        Effect.ensuring(
          Effect.zipRight(
            started.open,
            Effect.zipRight(
              Effect.sync(() => runs.delete(pipeline)),
              next(pipeline)
            )
          )
        ),
        Effect.forkIn(scope)
      )
      yield* started.await
    })

  const service: Service = {
    running: Effect.sync(() => new Set(runs.keys())),
    trouble: trouble.get,
    start: (pipeline) => start(pipeline),
    redo: (pipeline, path) =>
      Effect.suspend(() => {
        redos.set(pipeline, (redos.get(pipeline) ?? new Set()).add(path))
        return runs.has(pipeline) ? Effect.void : start(pipeline, takeRedos(pipeline))
      }),
    stop: (pipeline) =>
      Effect.suspend(() => runs.get(pipeline)?.stop ?? refused("RunRefused", `this page has not started a run of '${pipeline}'`)),
    values: (args, operands) =>
      Effect.scoped(
        Effect.gen(function* () {
          const child = yield* executor.start(command(args, operands))
          const [lines, errors, code] = yield* Effect.all(
            [
              child.stdout.pipe(
                Stream.decodeText(),
                Stream.splitLines,
                // The last ones say what came of it.
                Stream.takeRight(LINES_KEPT),
                Stream.runCollect,
                Effect.map(Chunk.toReadonlyArray)
              ),
              said(child.stderr),
              child.exitCode
            ],
            { concurrency: 3 }
          )
          return code === 0 || ((code === 1 || code === 75) && lines.length > 0)
            ? lines
            : yield* refused("RunRefused", message(errors))
        })
      ).pipe(Effect.catchIf((error) => error._tag !== "Refused", notStarted))
  }
  return service
})

/** Runs that the page starts: the command itself, so that plugins, memory and a crash of theirs are not the page's. */
export class SpoolProcess extends Context.Tag("@mediaspool/server/SpoolProcess")<SpoolProcess, Service>() {
  static readonly layer: Layer.Layer<SpoolProcess, never, Site | CommandExecutor.CommandExecutor> = Layer.scoped(
    SpoolProcess,
    make
  )
}
