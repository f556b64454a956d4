import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as Program from "./Program.js"

const node = (script: string, options?: Program.Options) =>
  Effect.provide(Program.run(process.execPath, ["-e", script], options), NodeContext.layer)

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe("Program.run", () => {
  it.live("gives both outputs, line by line as they come", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const result = yield* node("process.stdin.pipe(process.stdout); console.error('one\\ntwo')", {
        stdin: "typed",
        onLine: (line, from) => Effect.sync(() => void lines.push(`${from} ${line}`))
      })
      expect(result).toEqual({ exitCode: 0, stdout: "typed\n", stderr: "one\ntwo\n" })
      expect(lines.sort()).toEqual(["stderr one", "stderr two", "stdout typed"])
    })
  )

  it.live("keeps the end of what is long", () =>
    Effect.gen(function* () {
      const { stdout } = yield* node("process.stdout.write('a'.repeat(100_000) + 'z')", { keep: 3 })
      expect(stdout).toBe("aaz")
    })
  )

  it.live("says why it came to nothing", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(node("console.error('no such codec'); process.exit(3)"))).toMatchObject({
        code: "ProgramFailed",
        retry: "never",
        message: expect.stringMatching(/ended with 3: no such codec$/)
      })
      expect((yield* node("process.exit(3)", { exitCodes: [0, 3] })).exitCode).toBe(3)
      const missing = Effect.provide(Program.run("no-such-program", []), NodeContext.layer)
      expect(yield* Effect.flip(missing)).toMatchObject({ code: "ProgramMissing", retry: "config" })
      expect(yield* Effect.flip(node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({ code: "ProgramBroke" })
    })
  )

  it.live("ends a program that won't end, with its children", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<ReadonlyArray<number>>()
      const script = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)
        const child = require("node:child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"])
        console.log(process.pid + " " + child.pid)`
      const onLine = (line: string) => Effect.asVoid(Deferred.succeed(started, line.split(" ").map(Number)))
      const fiber = yield* Effect.fork(node(script, { onLine, patience: "200 millis" }))
      const pids = yield* Deferred.await(started)
      expect(pids.map(lives)).toEqual([true, true])
      yield* Fiber.interrupt(fiber)
      yield* Effect.sleep("50 millis").pipe(Effect.repeat({ while: () => pids.some(lives), times: 40 }))
      expect(pids.map(lives)).toEqual([false, false])
    })
  )
})
