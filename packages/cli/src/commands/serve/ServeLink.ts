import { makeFolder } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createConnection, createServer } from "node:net"
import { join } from "node:path"
import { ExitCode } from "../../ExitCode.js"
import { Refused } from "../../Refused.js"

/**
 * How `spool serve --link` reaches the server that runs: a port on loopback that is told nothing but the words of a file in the state
 * folder, which only its owner can read, and answers with a link.
 */
const Place = Schema.parseJson(Schema.Struct({ port: Schema.Int, secret: Schema.String }))
const fileOf = (state: string): string => join(state, "serve.json")
const WAIT_MILLIS = 3_000

/** Answers with new links while the scope is open. */
export const answer = (state: string, link: Effect.Effect<string>) =>
  Effect.acquireRelease(
    Effect.async<{ readonly close: () => void }>((resume) => {
      const secret = randomBytes(32).toString("base64url")
      const server = createServer((socket) => {
        socket.setTimeout(WAIT_MILLIS, () => socket.destroy())
        socket.on("error", () => socket.destroy())
        socket.once("data", (words) => {
          if (words.toString("latin1") !== secret) return socket.destroy()
          Effect.runFork(Effect.map(link, (text) => socket.end(text)))
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        if (typeof address !== "object" || address === null) return
        makeFolder(state)
        const file = fileOf(state)
        rmSync(file, { force: true })
        writeFileSync(file, JSON.stringify({ port: address.port, secret }), { mode: 0o600 })
        chmodSync(file, 0o600)
        resume(Effect.succeed({ close: () => (server.close(), rmSync(file, { force: true })) }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const nobody = new Refused({
  code: ExitCode.failed,
  message: "No server is running here.",
  help: "Start one with `spool serve`."
})

/** Asks the server that runs for a link. */
export const ask = (state: string): Effect.Effect<string, Refused> =>
  Effect.gen(function* () {
    const file = fileOf(state)
    if (!existsSync(file)) return yield* nobody
    const { port, secret } = yield* Effect.mapError(Schema.decode(Place)(readFileSync(file, "utf8")), () => nobody)
    return yield* Effect.async<string, Refused>((resume) => {
      let said = ""
      const socket = createConnection({ host: "127.0.0.1", port }, () => socket.write(secret))
      socket.setTimeout(WAIT_MILLIS, () => socket.destroy())
      socket.on("data", (words) => (said += words.toString("utf8")))
      socket.on("error", () => resume(nobody))
      socket.on("close", () => resume(said === "" ? nobody : Effect.succeed(said)))
      return Effect.sync(() => socket.destroy())
    })
  })
