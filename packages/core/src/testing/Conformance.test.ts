import { Command, FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { promises as fs } from "node:fs"
import { join } from "node:path"
import { Artifacts, ArtifactError } from "../stage/Artifacts.js"
import * as Failure from "../stage/Failure.js"
import * as Field from "../stage/Field.js"
import { Artifact, SourceFile } from "../stage/FileRef.js"
import * as Plugin from "../stage/Plugin.js"
import * as Stage from "../stage/Stage.js"
import { type Violation, Conformance, StageTest } from "./index.js"

class Copy extends Schema.TaggedClass<Copy>()("Copy", { file: Artifact, seconds: Schema.Number }) {}
class CopyError extends Failure.Class<CopyError>()("CopyError", {
  TooShort: { retry: "skip", help: "Leave the file out." },
  DiskAway: { retry: "now", help: "Look at the disk." }
}) {}
class OtherError extends Failure.Class<OtherError>()("OtherError", { Odd: { retry: "never", help: "Wonder." } }) {}

const Config = Schema.Struct({
  factor: Field.withDefault(Schema.Number, 2, "How much longer"),
  wait: Field.withDefault(Schema.Number, 30, "Milliseconds of work")
})

type Run = Parameters<typeof copying>[0]

/** A stage that copies its file, slowly. */
const copying = (
  run: (
    input: { readonly file: SourceFile },
    config: typeof Config.Type
  ) => Effect.Effect<Copy, CopyError | ArtifactError, FileSystem.FileSystem>,
  more: object = {}
) =>
  Stage.make({
    name: "copy",
    version: 1,
    summary: "Copies a file",
    input: { file: SourceFile },
    output: Copy,
    config: Config,
    error: Schema.Union(CopyError, ArtifactError),
    run,
    examples: [{ title: "Half", with: { factor: 0.5 } }],
    ...more
  })

const good: Run = ({ file }, { factor, wait }) =>
  Effect.gen(function* () {
    if (file.file.size === 0) return yield* new CopyError({ code: "TooShort", detail: "there is nothing" })
    const files = yield* FileSystem.FileSystem
    const artifacts = yield* Artifacts
    const { artifact } = yield* artifacts.write("copy", "bin", (path) =>
      Effect.gen(function* () {
        const scratch = yield* files.makeTempFileScoped()
        yield* files.writeFileString(scratch, "half")
        yield* files.writeFileString(path, "half")
        yield* Effect.sleep(wait)
        yield* files.copyFile(file.file.path, path)
      }).pipe(Effect.scoped, Effect.orDie)
    )
    return new Copy({ file: artifact, seconds: file.file.size * factor })
  })

/** What is found of a stage with one sample, as `rule: message`. */
const found = (
  stage: ReturnType<typeof copying>,
  sample: Partial<Conformance.Sample<ReturnType<typeof copying>>> = {},
  options: Conformance.Options = {}
) =>
  Effect.gen(function* () {
    const test = yield* StageTest.make()
    const file = yield* test.sourceFile("a.wav", Buffer.from("sound"), "audio/wav")
    return lines(yield* Conformance.check(stage, [{ inputs: { file }, ...sample }], options))
  })

const lines = (breaches: ReadonlyArray<Violation>) =>
  breaches.map(({ message, rule }) => `${rule}: ${message.split("\n")[0]?.replace(/\/\S*\//, "…/")}`)

describe("Conformance", () => {
  it.scoped("finds nothing to say of a good stage", () =>
    Effect.gen(function* () {
      const test = yield* StageTest.make()
      const stage = copying(good)
      const file = yield* test.sourceFile("a.wav", Buffer.from("sound"), "audio/wav")
      const empty = yield* test.sourceFile("b.wav", Buffer.alloc(0), "audio/wav")
      expect(
        yield* Conformance.check(stage, [
          { inputs: { file }, with: { factor: 3 } },
          { name: "empty", inputs: { file: empty }, fails: "TooShort" }
        ])
      ).toEqual([])
    })
  )

  it.scoped("reads the declaration", () =>
    Effect.gen(function* () {
      class Vague extends Failure.Class<Vague>()("Vague", { bad_code: { retry: "never", help: " " } }) {}
      const config = Schema.Struct({ bare: Schema.optionalWith(Schema.Number, { default: () => 1 }) })
      const stage = Stage.make({
        name: "My Copy",
        version: 0,
        summary: "",
        input: {},
        output: Copy,
        config,
        error: Vague,
        run: () => new Vague({ code: "bad_code", detail: "no" }),
        examples: [{ title: "Wrong", with: { bare: "x" } as never }]
      })
      expect(lines(yield* Conformance.check(stage, [{ inputs: {}, fails: "bad_code" }]))).toEqual([
        "declaration: stage 'My Copy' must be lower-case letters, digits and '-', with a letter first",
        "declaration: the version is an integer from 1",
        "declaration: the summary is one line of 2 to 200 characters, without blanks around it",
        "declaration: the config field 'bare' has no description: make it with Field",
        expect.stringMatching(/^examples: /),
        "declaration: the code 'bad_code' is not like RateLimited",
        "declaration: bad_code says no help: what can a person do?"
      ])
      expect(lines(yield* Conformance.check(copying(good), []))).toEqual([
        "samples: without a sample nothing is known of its runs"
      ])
    })
  )

  it.scoped("sees an error that isn't declared, an unexpected failure, and a defect", () =>
    Effect.gen(function* () {
      const undeclared = copying((() => new OtherError({ code: "Odd", detail: "odd" })) as never)
      expect(yield* found(undeclared, { fails: "Odd" })).toEqual(["errors: the error OtherError is not declared"])
      expect(yield* found(copying(() => new CopyError({ code: "DiskAway", detail: "gone" })))).toEqual([
        "samples: it fails with DiskAway: gone"
      ])
      expect(yield* found(copying(() => Effect.dieMessage("broke")))).toEqual([
        expect.stringMatching(/^samples: it breaks: .*broke/)
      ])
      expect(yield* found(copying(good), { fails: "TooShort" })).toEqual(["samples: it should fail with TooShort, and is done"])
      expect(yield* found(copying(good), { with: { factr: 1 } as never })).toEqual([expect.stringMatching(/^samples: /)])
    })
  )

  it.scoped("sees an output that can't be written down", () =>
    Effect.gen(function* () {
      const nan: Run = (input, config) => Effect.map(good(input, config), ({ file }) => new Copy({ file, seconds: NaN }))
      expect(yield* found(copying(nan))).toContain("output: JSON can't hold NaN at .seconds")
      const foreign = copying((() => Effect.succeed({ _tag: "Copy", seconds: "1" })) as never)
      expect(yield* found(foreign)).toEqual(expect.arrayContaining([expect.stringMatching(/^output: /)]))
    })
  )

  it.scoped("sees two runs that differ, unless the stage says so", () =>
    Effect.gen(function* () {
      let n = 0
      const counting: Run = (input, config) => Effect.map(good(input, config), ({ file }) => new Copy({ file, seconds: n++ }))
      expect(yield* found(copying(counting))).toEqual([
        "repeat: the second run gives something else; say 'nondeterministic' if it must"
      ])
      expect(yield* found(copying(counting, { nondeterministic: true }))).toEqual([])
    })
  )

  it.scoped("sees two runs whose files differ in what matters, and not in their bytes", () =>
    Effect.gen(function* () {
      let n = 0
      const stamping: Run = (input, config) =>
        Effect.tap(good(input, config), ({ file }) => Effect.promise(() => fs.appendFile(file.path, `#${n++}`)))
      expect(yield* found(copying(stamping))).toEqual([])
      const properties = (path: string) => Effect.promise(() => fs.readFile(path, "utf8"))
      expect(yield* found(copying(stamping), {}, { properties })).toEqual([
        "repeat: the second run gives something else; say 'nondeterministic' if it must"
      ])
      const decoded = (path: string) => Effect.map(properties(path), (text) => text.split("#")[0] ?? "")
      expect(yield* found(copying(stamping), {}, { properties: decoded })).toEqual([])
    })
  )

  it.scoped("sees keyParts that change", () =>
    Effect.gen(function* () {
      let n = 0
      expect(yield* found(copying(good, { keyParts: () => Effect.sync(() => ({ n: n++ })) }))).toEqual([
        "key: 'keyParts' gives something else each time"
      ])
    })
  )

  it.scoped("sees what a stage leaves behind, when it ends and when it is stopped", () =>
    Effect.gen(function* () {
      const untidy: Run = (input, config) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const scratch = yield* Effect.orDie(files.makeTempFile({ prefix: "scratch-" }))
          const copy = yield* good(input, config)
          yield* Effect.orDie(files.remove(join(scratch, ".."), { recursive: true }))
          return copy
        })
      const breaches = yield* found(copying(untidy), {}, { patience: "1 second" })
      expect(breaches.length).toBeGreaterThan(0)
      expect(breaches.every((breach) => breach.startsWith("interruption: stopped, it leaves …/scratch-"))).toBe(true)
      const forgetful: Run = (input, config) =>
        Effect.flatMap(FileSystem.FileSystem, (files) => Effect.zipRight(Effect.orDie(files.makeTempFile()), good(input, config)))
      expect(yield* found(copying(forgetful), {}, { patience: "1 second" })).toContainEqual(
        expect.stringMatching(/^tidiness: it leaves /)
      )
    })
  )

  it.scoped("sees what is left running when a run has ended", () =>
    Effect.gen(function* () {
      const pids: Array<number> = []
      const running: Array<NodeJS.Timeout> = []
      const leaving: Run = (input, config) =>
        Effect.gen(function* () {
          const { spawn } = yield* Effect.promise(() => import("node:child_process"))
          const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" })
          child.unref()
          pids.push(child.pid ?? 0)
          running.push(setInterval(() => {}, 60_000))
          return yield* good(input, config)
        })
      const breaches = yield* found(copying(leaving), {}, { patience: "200 millis" })
      for (const pid of pids) yield* Effect.ignore(Effect.try(() => process.kill(pid, "SIGKILL")))
      running.forEach(clearInterval)
      expect(breaches).toContain("tidiness: ended, it leaves a child process behind")
      expect(breaches).toContain("tidiness: ended, it leaves a timer running")
    })
  )

  it.scoped("lets a service set its one timer anew, and sees what is no Effect", () =>
    Effect.gen(function* () {
      let idle: NodeJS.Timeout | undefined
      const keeping: Run = (input, config) =>
        Effect.suspend(() => {
          clearTimeout(idle)
          idle = setTimeout(() => {}, 60_000)
          return good(input, config)
        })
      expect(yield* found(copying(keeping), {}, { patience: "100 millis" })).toEqual([])
      clearTimeout(idle)
      const promising = copying(Object(async () => {}))
      expect(yield* found(promising)).toContainEqual(
        expect.stringMatching(/^samples: it breaks: .*gives a promise in the place of an Effect: write Effect\.promise/)
      )
      const failing = copying(Object(() => Effect.fail(new TypeError("other"))))
      expect(yield* found(failing)).toContain("errors: the error 'TypeError: other' is not declared")
    })
  )

  it.scoped("sees a slot that is written twice", () =>
    Effect.gen(function* () {
      const twice: Run = (input, config) => Effect.zipRight(good(input, config), good(input, config))
      expect(yield* found(copying(twice))).toContainEqual(
        expect.stringMatching(/^samples: it fails with ArtifactWrittenTwice: the slot '.*' is written twice for one result$/)
      )
    })
  )

  it.scoped(
    "sees a child process that outlives a stopped run",
    () =>
      Effect.gen(function* () {
        const pids: Array<number> = []
        const orphaning: Run = (input, config) =>
          Effect.gen(function* () {
            const child = yield* Effect.promise(async () => (await import("node:child_process")).spawn("sleep", ["60"]))
            pids.push(child.pid ?? 0)
            const copy = yield* good(input, config)
            child.kill("SIGKILL")
            return copy
          })
        const breaches = yield* found(copying(orphaning), {}, { patience: "200 millis" })
        for (const pid of pids) yield* Effect.ignore(Effect.try(() => process.kill(pid, "SIGKILL")))
        expect(breaches).toContain("interruption: stopped, it leaves a child process behind")
      }),
    60_000
  )

  it.scoped(
    "sees a run that can't be stopped",
    () =>
      Effect.gen(function* () {
        const stubborn: Run = (input, config) => Effect.uninterruptible(Effect.zipRight(Effect.sleep(600), good(input, config)))
        const stage = copying(stubborn, { nondeterministic: true })
        expect(yield* found(stage, {}, { patience: 200 })).toContainEqual(
          expect.stringMatching(/^interruption: stopped after \d+ ms it still runs 200ms later$/)
        )
      }),
    90_000
  )

  it.scoped("sees that an input was written to", () =>
    Effect.gen(function* () {
      const vandal: Run = (input, config) =>
        Effect.tap(good(input, config), () => Effect.promise(() => fs.appendFile(input.file.file.path, "x")))
      expect(yield* found(copying(vandal))).toContain("originals: …/a.wav is not as it was")
    })
  )

  it.scoped("holds a stage to what its plugin declares", () =>
    Effect.gen(function* () {
      const starting = (...[input, config]: Parameters<Run>) =>
        Effect.zipRight(Effect.orDie(Command.exitCode(Command.make("true"))), good(input, config))
      const stage = copying(starting as never)
      const sneaky = Plugin.make({ name: "sneaky", stages: [stage] })
      expect(yield* found(stage, {}, { plugin: sneaky })).toContainEqual(
        expect.stringContaining("did not declare that it starts true")
      )
      const honest = Plugin.make({ name: "honest", stages: [stage], permissions: { programs: ["true"] } })
      expect(yield* found(stage, {}, { plugin: honest })).toEqual([])
    })
  )

  it("takes a snapshot that a changed default breaks, and a new field with a default doesn't", () => {
    const stage = copying(good)
    const before = Conformance.keys(stage)
    const changed = Conformance.keys(
      copying(good, {
        config: Schema.Struct({ ...Config.fields, factor: Field.withDefault(Schema.Number, 3, "How much longer") })
      })
    )
    expect(changed).not.toEqual(before)
    const keysOf = ({ configs }: Conformance.KeySnapshot) => Object.values(configs).map(({ key }) => key)
    const wider = Conformance.keys(
      copying(good, { config: Schema.Struct({ ...Config.fields, more: Field.withDefault(Schema.Number, 3, "") }) })
    )
    expect(keysOf(wider)).toEqual(keysOf(before))
    expect(keysOf(before)).toMatchInlineSnapshot(`
      [
        "dcz9vs2lJLUjLynD8fFlDHlXWasWL2XX5HAfObOUZzU",
        "McW__17WnHdXGN3Zi8-BJhyx9OZsJ_Ly3KMyu-YRfjI",
      ]
    `)
  })
})
