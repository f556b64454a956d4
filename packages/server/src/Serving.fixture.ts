import { NodeContext } from "@effect/platform-node"
import { StateFolder, Store } from "@mediaspool/core"
import { libraryMigrations, MediaEngine } from "@mediaspool/plugins"
import { Effect, Layer, type Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { type IncomingHttpHeaders, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Options, serve } from "./Server.js"
import { Site } from "./Site.js"

export const migrations: ReadonlyArray<Store.PluginMigrations> = [{ plugin: "library", migrations: libraryMigrations }]

/** A folder that goes with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mediaspool-server-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const site = (state: string) =>
  Layer.succeed(Site, {
    folder: state,
    version: "0.0.0",
    project: Effect.fail("there is no config"),
    price: () => Effect.succeed({ requests: 0, cost: [], unpriced: 0 }),
    command: [process.execPath, "-e", "process.exit(1)", "--"],
    config: undefined
  })

/** A server with a library that has no file yet, on a port of its own. */
export const serving = (
  state: string,
  { engine = "auto", ...options }: Partial<Options> & { readonly engine?: "auto" | "node-av" } = {}
) =>
  Effect.gen(function* () {
    const media = Layer.provide(MediaEngine.with({ engine }), StateFolder.temporary)
    const context = yield* Layer.build(Layer.mergeAll(site(state), media, NodeContext.layer))
    return yield* Effect.provide(serve({ state, migrations, port: 0, address: "127.0.0.1", ...options }), context)
  })

/** Makes the library's file, as a run does. */
export const library = <A, E>(state: string, fill: Effect.Effect<A, E, Store.Store>) =>
  Effect.scoped(Effect.provide(fill, Store.layer(state, migrations)))

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request as it is written here: no browser adds to it, and none takes away. */
export const ask = (
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string
): Effect.Effect<Answer> =>
  Effect.async((resume) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: {
          host: `127.0.0.1:${port}`,
          ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
          ...headers
        }
      },
      (answer) => {
        const parts: Array<Buffer> = []
        answer.on("data", (part: Buffer) => parts.push(part))
        const end = () =>
          resume(
            Effect.succeed({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(parts).toString("utf8")
            })
          )
        answer.on("end", end)
        answer.on("close", end)
      }
    )
    sent.on("error", (error) => resume(Effect.succeed({ status: 0, headers: {}, body: String(error) })))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })

export interface Window {
  readonly cookie: string
  readonly token: string
  readonly origin: string
}

/** Signs a window in with the code of a link. */
export const signIn = (port: number, link: string): Effect.Effect<Window & { readonly answer: Answer }> =>
  Effect.map(
    ask(
      port,
      "POST",
      "/api/session",
      { origin: `http://127.0.0.1:${port}`, "content-type": "application/json" },
      JSON.stringify({ code: new URL(link).searchParams.get("code") })
    ),
    (answer) => ({
      answer,
      cookie: (answer.headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "",
      token: /"token":"([^"]*)"/.exec(answer.body)?.[1] ?? "",
      origin: `http://127.0.0.1:${port}`
    })
  )

/** Headers of a window that is signed in. */
export const signed = ({ cookie, origin, token }: Window): Readonly<Record<string, string>> => ({
  cookie,
  origin,
  "x-mediaspool-token": token,
  "content-type": "application/json"
})
