import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as HookCommand from "./HookCommand.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-hook-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const limit = Duration.seconds(20)
const body = JSON.stringify({ type: "done", text: "雨\n" })
/** A program of Node's. */
const node = (script: string) => [process.execPath, "-e", script] as const

describe("A hook's command", () => {
  it.scopedLive("gets the event on its stdin and in its environment, in the config's folder, and may print what it likes", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const script = `console.log("x".repeat(1 << 20)); require("node:fs").writeFileSync("told", process.env.SPOOL_EVENT + require("node:fs").readFileSync(0))`
      yield* HookCommand.run(node(script), body, { SPOOL_EVENT: "done" }, home, limit)
      expect(readFileSync(join(home, "told"), "utf8")).toBe(`done${body}`)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("that fails, hangs, or isn't there is told by its name, and nothing else comes of it", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const failed = (command: readonly [string, ...ReadonlyArray<string>], time = limit) =>
        Effect.map(Effect.flip(HookCommand.run(command, body, {}, home, time)), ({ code, detail }) => [code, detail])
      const fails = node(`console.error("warning\\nno key"); process.exit(3)`)
      expect(yield* failed(fails)).toEqual(["CommandFailed", expect.stringMatching(/exit code 3: no key$/)])
      const hangs = node("setInterval(() => {}, 1000)")
      expect(yield* failed(hangs, Duration.millis(300))).toEqual(["CommandFailed", expect.stringContaining("took too long")])
      // One that won't end when it is asked to is killed.
      const stubborn = node(
        `process.on("SIGTERM", () => {}); require("node:fs").writeFileSync("pid", String(process.pid)); setInterval(() => {}, 1000)`
      )
      expect(yield* failed(stubborn, Duration.seconds(1))).toEqual(["CommandFailed", expect.stringContaining("took too long")])
      const pid = Number(readFileSync(join(home, "pid"), "utf8"))
      expect(() => process.kill(pid, 0)).toThrow("ESRCH")
      expect(yield* failed(["no-such-program"])).toEqual([
        "CommandFailed",
        expect.stringMatching(/no-such-program is no program/)
      ])
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
