import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { StateFolder } from "../stage/StateFolder.js"
import { make, ProcessLock } from "./ProcessLock.js"
import * as State from "./State.js"

const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-owner-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const module = new URL("../../dist/store/State.js", import.meta.url).href
const contract = new URL("../../dist/stage/StateFolder.js", import.meta.url).href
const owners = new URL("../../dist/store/ProcessLock.js", import.meta.url).href

/** Another process that takes the folder, starts a child and leaves a file; it says its owner's id and the child's pid. */
const program = `
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { layer } from "${module}"
import { StateFolder } from "${contract}"
import { ProcessLock } from "${owners}"
Effect.runPromise(Effect.scoped(Effect.gen(function* () {
  const state = yield* StateFolder
  const owner = yield* ProcessLock
  const child = spawn("sleep", ["600"], { stdio: "ignore" })
  yield* state.child(child.pid)
  writeFileSync(state.temporary + "/half", "half")
  console.log(JSON.stringify({ id: owner.id, child: child.pid }))
  yield* Effect.never
})).pipe(Effect.provide(layer(process.argv[1]))))
`

const start = (state: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly process: ChildProcess; readonly id: string; readonly child: number }>((resume) => {
      const other = spawn(process.execPath, ["--input-type=module", "--eval", program, state], {
        cwd: new URL("../..", import.meta.url).pathname,
        stdio: ["ignore", "pipe", "inherit"]
      })
      other.stdout.once("data", (line) => resume(Effect.succeed({ process: other, ...JSON.parse(String(line)) })))
    }),
    ({ process }) => Effect.sync(() => process.kill("SIGKILL"))
  )

const killed = (process: ChildProcess) =>
  Effect.async<void>((resume) => {
    process.once("exit", () => resume(Effect.void))
    process.kill("SIGKILL")
  })

/** A killed child may stay a zombie until somebody collects it: it runs no more. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync(`/proc/${pid}/stat`) || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

describe("ProcessLock", () => {
  it.scopedLive("lives as long as its process, and its children and files end with the next start", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const other = yield* start(state)
      const temporary = join(state, "temporary", other.id)
      yield* Effect.gen(function* () {
        const { lives } = yield* ProcessLock
        expect(lives(other.id)).toBe(true)
        expect(isAlive(other.child)).toBe(true)
        expect(readdirSync(temporary)).toEqual(["half"])
        yield* killed(other.process)
        expect(lives(other.id)).toBe(false)
        expect(isAlive(other.child)).toBe(true)
      }).pipe(Effect.provide(State.layer(state)))
      yield* Effect.provide(Effect.void, State.layer(state))
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => !isAlive(other.child), times: 100 })
      expect(isAlive(other.child)).toBe(false)
      expect(existsSync(temporary)).toBe(false)
      expect(readdirSync(join(state, "owners"))).toEqual([])
    })
  )

  it.scopedLive("doesn't touch a process that got a dead child's number", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const other = yield* start(state)
      const bystander = spawn("sleep", ["600"], { stdio: "ignore" })
      yield* Effect.addFinalizer(() => Effect.sync(() => bystander.kill("SIGKILL")))
      writeFileSync(join(state, "children", other.id, String(bystander.pid)), "1")
      yield* killed(other.process)
      yield* Effect.provide(Effect.void, State.layer(state))
      expect(isAlive(bystander.pid ?? 0)).toBe(true)
    })
  )

  it.scopedLive("leaves nothing when it ends well", () =>
    Effect.gen(function* () {
      const state = yield* folder
      yield* Effect.gen(function* () {
        const { temporary } = yield* StateFolder
        writeFileSync(join(temporary, "file"), "")
      }).pipe(Effect.provide(State.layer(state)))
      expect(readdirSync(join(state, "owners"))).toEqual([])
      expect(readdirSync(join(state, "temporary"))).toEqual([])
    })
  )

  it.scopedLive("removes a lock that never got its name", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const nameless = join(path, "owners", "0.lock.new")
      mkdirSync(dirname(nameless), { recursive: true })
      writeFileSync(nameless, "")
      yield* Effect.scoped(make(path))
      // Somebody may be about to name it.
      expect(existsSync(nameless)).toBe(true)
      utimesSync(nameless, 1, 1)
      yield* Effect.scoped(make(path))
      expect(existsSync(nameless)).toBe(false)
    })
  )

  it.scopedLive("is one of several in a folder", () =>
    Effect.gen(function* () {
      const state = yield* folder
      const [one, two] = yield* Effect.all([Layer.build(State.layer(state)), Layer.build(State.layer(state))])
      const [first, second] = [yield* Effect.provide(ProcessLock, one), yield* Effect.provide(ProcessLock, two)]
      expect(first.lives(second.id)).toBe(true)
      expect(second.lives(first.id)).toBe(true)
      expect(first.lives("nobody")).toBe(false)
    })
  )
})
