import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Clock, Context, Effect, Layer, type Option, type ParseResult, Redacted, Schema, type Scope } from "effect"
import { createHash } from "node:crypto"
import { mkdtempSync, mkdirSync, promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as AttemptFailure from "../runner/AttemptFailure.js"
import * as StageKey from "../pipeline/StageKey.js"
import * as Registry from "../plugin/Registry.js"
import { Artifacts } from "../stage/Artifacts.js"
import { Calls } from "../stage/Calls.js"
import type { StageFailure } from "../stage/Failure.js"
import { ConfigFolder } from "../stage/ConfigFolder.js"
import { type Artifact, Original, SourceFile } from "../stage/FileRef.js"
import type { Kind } from "../stage/Kind.js"
import { Library } from "../stage/Library.js"
import { Node } from "../stage/Node.js"
import { type CoreServices, noLayer, type Plugin } from "../stage/Plugin.js"
import type { Inputs, Ports } from "../stage/Port.js"
import { Progress } from "../stage/Progress.js"
import { remember, SecretError, Secrets } from "../stage/Secret.js"
import { Settings } from "../stage/Settings.js"
import type { Sink } from "../stage/Sink.js"
import type * as Stage from "../stage/Stage.js"
import { StateFolder } from "../stage/StateFolder.js"
import { failing, type Faults } from "./Faults.js"
import { http } from "./TestHttp.js"
import * as MemoryCalls from "./MemoryCalls.js"
import * as TestArtifacts from "./TestArtifacts.js"
import * as TestLibrary from "./TestLibrary.js"

/** What a stage's surroundings are in a test. */
export interface Options<P = never, Q = never, N = never> {
  /** The stage's plugin: its services, the tables and the config sections of it and of those that it needs. */
  readonly plugin?: Plugin<P, N>
  /** More services: those of another plugin, or doubles. */
  readonly layer?: Layer.Layer<Q, unknown, CoreServices>
  /** The config's sections as a person writes them: `{ providers: { … } }`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Secrets by the name of their variable or file. Without it those of the environment. */
  readonly secrets?: Readonly<Record<string, string>>
  /** What fails in the test: writes of artifacts or of the library, secrets, the process after a paid call. */
  readonly faults?: Faults
  /** `live`, the default: stages wait in real time, whatever clock the test has. `test`: the test's own, to be moved by `TestClock`. */
  readonly clock?: "live" | "test"
}

/** One stage, run alone, as a run would run it: with everything that it touches in a folder of the test. */
export interface StageTest<P> {
  /** Runs the stage with its config as a person writes it. */
  readonly run: <
    Name extends string,
    In extends Ports,
    Out extends Kind,
    C extends Schema.Schema.AnyNoContext,
    E extends StageFailure,
    R
  >(
    stage: Stage.Stage<Name, In, Out, C, E, R>,
    inputs: Inputs<In>,
    ...[config]: {} extends C["Encoded"] ? [config?: C["Encoded"]] : [config: C["Encoded"]]
  ) => Effect.Effect<Out["Type"], E | ParseResult.ParseError, Exclude<R, CoreServices | P>>
  /**
   * Runs a sink as a run would: asks its `isWritten` first, with the key of these inputs and this config. `None` where it says that
   * what it would write is there already.
   */
  readonly sink: <
    Name extends string,
    In extends Ports,
    Out extends Kind,
    C extends Schema.Schema.AnyNoContext,
    E extends StageFailure,
    R
  >(
    sink: Sink<Name, In, Out, C, E, R>,
    inputs: Inputs<In>,
    ...[config]: {} extends C["Encoded"] ? [config?: C["Encoded"]] : [config: C["Encoded"]]
  ) => Effect.Effect<Option.Option<Out["Type"]>, E | ParseResult.ParseError, Exclude<R, CoreServices | P>>
  /** Anything else with the same services. */
  readonly provide: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, CoreServices | P>>
  /** Writes a file as a person would put it there. */
  readonly original: (name: string, bytes: Uint8Array) => Effect.Effect<Original>
  /** The same, let in as `ingest` would. */
  readonly sourceFile: (name: string, bytes: Uint8Array, mediaType: string) => Effect.Effect<SourceFile>
  /** Absolute path of the test's folder; relative paths of a stage's config start there. */
  readonly folder: string
  /** The artifacts that were written, in order. */
  readonly artifacts: ReadonlyArray<Artifact>
  /** The paid calls that were made; a replayed one isn't. */
  readonly calls: MemoryCalls.MemoryCalls["made"]
  /** What was reported: a part of the step, or seconds of media. */
  readonly progress: ReadonlyArray<
    { readonly fraction: number; readonly words: string | undefined } | { readonly done: number; readonly total: number }
  >
  /** The library, with the tables of the stage's plugin. */
  readonly library: Library["Type"]
  /** Files that the stage left lying about. */
  readonly leftovers: Effect.Effect<ReadonlyArray<string>>
}

const folderOf: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "mediaspool-test-"))
    for (const name of ["files", "artifacts", "temporary"]) mkdirSync(join(folder, name))
    return folder
  }),
  (folder) => Effect.promise(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
)

/** Temporary files go into the test's folder, where they are seen when they stay. */
const files = (temporary: string): Layer.Layer<FileSystem.FileSystem> =>
  Layer.map(NodeContext.layer, (context) => {
    const files = Context.get(context, FileSystem.FileSystem)
    return Context.make(FileSystem.FileSystem, {
      ...files,
      makeTempDirectory: (options) => files.makeTempDirectory({ directory: temporary, ...options }),
      makeTempDirectoryScoped: (options) => files.makeTempDirectoryScoped({ directory: temporary, ...options }),
      makeTempFile: (options) => files.makeTempFile({ directory: temporary, ...options }),
      makeTempFileScoped: (options) => files.makeTempFileScoped({ directory: temporary, ...options })
    })
  })

const secretsOf = (
  secrets: Readonly<Record<string, string>> | undefined,
  faults: number | undefined
): Effect.Effect<Secrets["Type"]> =>
  Effect.map(Secrets, (environment) => {
    const fails = failing(faults)
    const missing = (name: string) => new SecretError({ code: "SecretMissing", detail: `the secret ${name} is missing` })
    return {
      resolve: (ref) => {
        const name = "env" in ref ? ref.env : ref.file
        const found = secrets?.[name]
        const resolved =
          secrets === undefined
            ? environment.resolve(ref)
            : found === undefined
              ? Effect.fail(missing(name))
              : Effect.as(
                  Effect.sync(() => remember(found)),
                  Redacted.make(found)
                )
        return Effect.zipRight(
          fails(() => missing(name)),
          resolved
        )
      }
    }
  })

/** The sections, decoded by the plugins that read them. What doesn't decode is the test's own mistake. */
const settingsOf = (
  sections: Registry.Registry["sections"],
  written: Readonly<Record<string, unknown>>
): Effect.Effect<Settings["Type"]> =>
  Effect.map(
    Effect.forEach(sections, ([name, { section }]) =>
      Effect.map(
        Effect.orDie(Schema.decodeUnknown(section.schema)(written[name] ?? {}, { onExcessProperty: "error" })),
        (value) => [name, value] as const
      )
    ),
    (entries) => {
      const decoded = new Map<string, unknown>(entries)
      return { section: (name) => decoded.get(name) }
    }
  )

/**
 * The surroundings of one stage, in a folder that goes with the scope: real files and a real library, calls that are remembered in
 * memory, and the faults that the test asks for.
 *
 * @example
 * const test = yield* StageTest.make({ plugin })
 * const file = yield* test.sourceFile("tone.wav", bytes, "audio/wav")
 * expect((yield* test.run(loudness, { file })).integrated).toBeCloseTo(-23, 0)
 */
export const make = <P = never, Q = never, N = never>(
  options: Options<P, Q, N> = {}
): Effect.Effect<StageTest<P | Q | N>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { clock = "live", faults = {}, plugin, secrets, settings = {} } = options
    const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      clock === "live" ? Effect.withClock(effect, Clock.make()) : effect
    const layer = options.layer ?? noLayer<Q>()
    const folder = yield* folderOf
    const temporary = join(folder, "temporary")
    const { registry } = Registry.make(plugin === undefined ? [] : [{ original: plugin, from: plugin.name }])
    const artifacts = TestArtifacts.make(join(folder, "artifacts"), temporary, faults.artifacts)
    const calls = yield* MemoryCalls.make(faults.dieAfterCall)
    const progress: Array<StageTest<never>["progress"][number]> = []
    const library = yield* TestLibrary.make(
      join(folder, "library"),
      registry.plugins.map(({ original }) => original),
      faults.library
    )
    const core: Layer.Layer<CoreServices> = Layer.mergeAll(
      NodeContext.layer,
      FetchHttpClient.layer,
      Layer.succeed(Library, library),
      Layer.effect(Settings, settingsOf(registry.sections, settings)),
      Layer.succeed(StateFolder, { path: folder, temporary, child: () => Effect.void })
    ).pipe(Layer.merge(files(temporary)))
    const references = Layer.mergeAll(
      Layer.succeed(ConfigFolder, folder),
      Layer.succeed(Artifacts, artifacts.service),
      Layer.succeed(Calls, calls.service),
      Layer.succeed(Progress, {
        report: (fraction, words) => Effect.sync(() => void progress.push({ fraction, words })),
        media: (done, total) => Effect.sync(() => void progress.push({ done, total }))
      }),
      Layer.effect(Secrets, secretsOf(secrets, faults.secrets))
    )
    const needed = registry.plugins
      .filter(({ original }) => original !== plugin)
      .reduce<Layer.Layer<never, unknown, CoreServices>>(
        (below, { original }) => Layer.provideMerge(original.layer, below),
        Layer.empty
        // What they provide stands in the plugin's type.
      ) as Layer.Layer<N, unknown, CoreServices>
    const own = plugin?.layer ?? noLayer<P>()
    const context: Context.Context<CoreServices | P | Q | N> = yield* timed(
      Layer.build(
        Layer.merge(own, layer).pipe(Layer.provideMerge(needed), Layer.provideMerge(Layer.merge(references, core)), Layer.orDie)
      )
    )
    const provide: StageTest<P | Q | N>["provide"] = (effect) => timed(Effect.provide(effect, context))
    /** Hands `use` the decoded config and the node that a run would have. */
    const asNode = <
      Name extends string,
      In extends Ports,
      Out extends Kind,
      C extends Schema.Schema.AnyNoContext,
      E extends StageFailure,
      R,
      A
    >(
      stage: Stage.Stage<Name, In, Out, C, E, R>,
      inputs: Inputs<In>,
      config: C["Encoded"] | undefined,
      use: (config: C["Type"], node: Node["Type"]) => Effect.Effect<A, E, R>
    ) =>
      Effect.gen(function* () {
        const decoded: C["Type"] = yield* Schema.decode(stage.config)(config ?? {}, { onExcessProperty: "error" })
        const place = { pipeline: "test", node: stage.name }
        const key = StageKey.make(stage, inputs, decoded, yield* stage.keyParts?.(decoded) ?? Effect.succeed({}), place)
        const node = {
          ...place,
          plugin: plugin?.name,
          get key() {
            return key()
          }
        }
        return yield* use(decoded, node).pipe(
          Effect.provideService(Node, node),
          Effect.provideService(Artifacts, artifacts.of(key))
        )
      })
    const original = (name: string, bytes: Uint8Array) =>
      Effect.promise(async () => {
        const path = join(folder, "files", name)
        await fs.mkdir(dirname(path), { recursive: true })
        await fs.writeFile(path, bytes)
        return new Original({ hash: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, path })
      })
    return {
      run: (stage, inputs, ...[config]) =>
        provide(asNode(stage, inputs, config, (decoded) => AttemptFailure.workOf({ stage }, stage.run(inputs, decoded)))),
      sink: (sink, inputs, ...[config]) =>
        provide(
          asNode(sink, inputs, config, (decoded, node) =>
            Effect.flatMap(sink.sink.isWritten?.(node) ?? Effect.succeed(false), (isWritten) =>
              isWritten ? Effect.succeedNone : Effect.asSome(AttemptFailure.workOf({ stage: sink }, sink.run(inputs, decoded)))
            )
          )
        ),
      provide,
      original,
      sourceFile: (name, bytes, mediaType) => Effect.map(original(name, bytes), (file) => new SourceFile({ file, mediaType })),
      folder,
      artifacts: artifacts.written,
      calls: calls.made,
      progress,
      library,
      leftovers: artifacts.leftovers
    }
  })

export { http }
