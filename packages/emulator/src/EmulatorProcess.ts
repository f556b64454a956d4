import { Effect, Schema, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Statement } from "./Usage.js"
import type { Fault } from "./Fault.js"
import type { Emulator, Options } from "./Server.js"
import type { EmulatorSettings } from "./EmulatorSettings.js"

/** The program: JavaScript from `dist`, also where this module is read from `src`. */
const program = (): string => {
  const file = new URL("./main.js", import.meta.url)
  return fileURLToPath(import.meta.url.endsWith(".ts") ? file.href.replace(/\/src\/(?!.*\/src\/)/, "/dist/") : file)
}

const Place = Schema.parseJson(
  Schema.Struct({ port: Schema.Int, origin: Schema.String, baseUrl: Schema.String, selfHostedUrl: Schema.String })
)
const Paid = Schema.Struct({
  requests: Schema.Int,
  paid: Schema.Int,
  inputTokens: Schema.Int,
  outputTokens: Schema.Int,
  refused: Schema.Record({ key: Schema.String, value: Schema.Int }),
  byKey: Schema.Record({ key: Schema.String, value: Schema.Int }),
  entries: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      model: Schema.String,
      inputTokens: Schema.Int,
      outputTokens: Schema.Int,
      outcome: Schema.Literal("answered", "broken")
    })
  )
})

/** One request to an emulator's control; dies when it isn't there. */
const control = (origin: string, method: string, path: string, body?: unknown): Effect.Effect<unknown> =>
  Effect.promise(async () => {
    const response = await fetch(`${origin}/emulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the emulator answered ${response.status}: ${text}`)
    return JSON.parse(text)
  })

/** The emulator that runs at this address, in whichever process. */
export const at = (origin: string): Emulator => ({
  port: Number(new URL(origin).port),
  origin,
  baseUrl: `${origin}/compatible-mode/v1`,
  selfHostedUrl: `${origin}/v1`,
  statement: Effect.flatMap(control(origin, "GET", "bill"), (found): Effect.Effect<Statement> =>
    Effect.orDie(Schema.decodeUnknown(Paid)(found))
  ),
  clear: Effect.asVoid(control(origin, "DELETE", "bill")),
  reset: Effect.asVoid(control(origin, "DELETE", "script")),
  script: (...faults: ReadonlyArray<typeof Fault.Encoded>) => Effect.asVoid(control(origin, "POST", "script", faults)),
  change: (settings: typeof EmulatorSettings.Encoded) => Effect.asVoid(control(origin, "POST", "settings", settings))
})

const begin = (options: Omit<Options, "decode">) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [program(), JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] })
    for await (const line of createInterface(child.stdout)) return { child, line }
    throw new Error("the emulator ended before it had begun")
  })

const end = (child: ChildProcess): Effect.Effect<void> =>
  Effect.promise(async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGTERM")
    await ended
  })

/** Starts an emulator in a process of its own: it goes on counting when the process under test is killed. Ends with the scope. */
export const start = (options: Omit<Options, "decode"> = {}): Effect.Effect<Emulator, never, Scope.Scope> =>
  Effect.acquireRelease(begin(options), ({ child }) => end(child)).pipe(
    Effect.flatMap(({ line }) => Effect.orDie(Schema.decode(Place)(line))),
    Effect.map(({ origin }) => at(origin))
  )
