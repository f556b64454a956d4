import { HttpApiBuilder, type HttpApp, HttpServerRequest, HttpServerResponse, OpenApi } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Failure, type Store } from "@mediaspool/core"
import { Effect, Layer } from "effect"
import { createServer, type Server as NodeServer } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { Api } from "./Api.js"
import { Feed } from "./Feed.js"
import { duplicateHandlers } from "./handlers/DuplicateHandlers.js"
import { exportHandlers } from "./handlers/ExportHandlers.js"
import { failureHandlers } from "./handlers/FailureHandlers.js"
import { itemHandlers } from "./handlers/ItemHandlers.js"
import { libraryHandlers } from "./handlers/LibraryHandlers.js"
import { reviewHandlers } from "./handlers/ReviewHandlers.js"
import { runHandlers } from "./handlers/RunHandlers.js"
import { sessionHandlers } from "./handlers/SessionHandlers.js"
import { LibraryConnection } from "./library/LibraryConnection.js"
import { Peaks } from "./media/Peaks.js"
import { Previews } from "./media/Previews.js"
import { Overviews } from "./Overviews.js"
import * as DoubtFinder from "./review/DoubtFinder.js"
import * as RunFeed from "./runs/RunFeed.js"
import * as RunStates from "./runs/RunStates.js"
import { SpoolProcess } from "./runs/SpoolProcess.js"
import * as Guard from "./security/Guard.js"
import { Sessions } from "./security/Sessions.js"
import * as Shell from "./Shell.js"

/** What keeps the page from being served. */
export class ServeError extends Failure.Class<ServeError>()("ServeError", {
  PortTaken: { retry: "config", help: "Choose another one with `--port N`, or let the system find one with `--port 0`." },
  ListenRefused: { retry: "config", help: "Give an address of this machine that this user may listen on." },
  PageNotBuilt: { retry: "config", help: "Build it with `npm run build`." }
}) {}

export interface Options {
  /** Of the config's state folder, absolute. */
  readonly state: string
  /** The tables of the config's plugins. */
  readonly migrations: ReadonlyArray<Store.PluginMigrations>
  /** 0: one that is free. */
  readonly port: number
  /** Where it listens; other machines reach it only with a password. */
  readonly address: string
  /** What the browser's address bar says, where that is another than the address: behind a proxy, or with a certificate. */
  readonly origin?: string | undefined
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly password?: string | undefined
}

export interface Serving {
  /** Without a code. */
  readonly url: string
  readonly port: number
  /** A link that signs one window in, once. */
  readonly link: Effect.Effect<string>
}

/** A client that doesn't end, such as one that listens to events, would hold the server open for ever. */
const CLOSE_AFTER_MILLIS = 500

const makeServer = (tls: Options["tls"]): NodeServer => {
  const limits = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 20_000 }
  const server = tls === undefined ? createServer(limits) : createSecureServer({ ...limits, ...tls })
  server.maxConnections = 512
  const close = server.close.bind(server)
  server.close = (callback) => {
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), CLOSE_AFTER_MILLIS).unref()
    return close(callback)
  }
  return server
}

const serveError = (port: number, address: string) => (error: { readonly cause: unknown }) => {
  const code = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : ""
  return code === "EADDRINUSE"
    ? new ServeError({ code: "PortTaken", detail: `port ${port} is used by another program` })
    : new ServeError({
        code: "ListenRefused",
        detail: `it can't listen on ${address}:${port}${code === "" ? "" : ` (${code})`}`
      })
}

/** Under which names a browser reaches the server. */
const reachedAt = ({ address, origin, tls }: Options, port: number): Guard.Reached & { readonly url: string } => {
  if (origin !== undefined) {
    const url = new URL(origin)
    return { url: url.origin, hosts: new Set([url.host]), origins: new Set([url.origin]), isSecure: url.protocol === "https:" }
  }
  const scheme = tls === undefined ? "http" : "https"
  const shown = address.includes(":") ? `[${address}]` : address
  const names = /^(127\.0\.0\.1|::1)$/.test(address) ? [shown, "localhost"] : [shown]
  const hosts = names.map((name) => `${name}:${port}`)
  return {
    url: `${scheme}://${shown}:${port}`,
    hosts: new Set(hosts),
    origins: new Set(hosts.map((host) => `${scheme}://${host}`)),
    isSecure: tls !== undefined
  }
}

const services = Layer.mergeAll(Overviews.layer, Peaks.layer, Previews.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(Feed.layer, RunStates.Service.layer, SpoolProcess.layer))
)

const api = (reached: Guard.Reached) =>
  HttpApiBuilder.api(Api).pipe(
    Layer.provide([
      sessionHandlers(reached),
      libraryHandlers,
      itemHandlers,
      reviewHandlers,
      duplicateHandlers,
      failureHandlers,
      runHandlers,
      exportHandlers
    ]),
    Layer.provideMerge(Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, NodeHttpServer.layerContext))
  )

const openapi = JSON.stringify(OpenApi.fromApi(Api))

/** Serves the page and its API while the scope is open; fails with {@link ServeError}. */
export const serve = (options: Options) =>
  Effect.gen(function* () {
    const server = yield* Effect.mapError(
      NodeHttpServer.make(() => makeServer(options.tls), { port: options.port, host: options.address }),
      serveError(options.port, options.address)
    )
    const { address } = server
    const port = address._tag === "TcpAddress" ? address.port : options.port
    const reached = reachedAt(options, port)
    const shell = yield* Effect.catchAllDefect(
      Shell.make(),
      (cause) => new ServeError({ code: "PageNotBuilt", detail: String(cause) })
    )

    const base = Layer.merge(LibraryConnection.layer(options), Sessions.layer(options.password))
    const context = yield* Layer.build(
      Layer.mergeAll(api(reached), RunFeed.layer, DoubtFinder.layer).pipe(
        Layer.provideMerge(services),
        Layer.provideMerge(base),
        Layer.provideMerge(NodeHttpServer.layerContext)
      )
    )
    const handlers = yield* Effect.provide(HttpApiBuilder.httpApp, context)
    const app: HttpApp.Default<unknown, never> = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
      const path = url.split(/[?#]/, 1)[0] ?? ""
      if (path === "/api/openapi.json")
        return Effect.succeed(HttpServerResponse.text(openapi, { contentType: "application/json" }))
      // The platform runs the handler of GET for HEAD as well: harmless here, since no handler opens a file for it.
      return path.startsWith("/api/") ? Effect.provide(handlers, context) : shell
    })
    const { guarded, sessions } = yield* Effect.provide(
      Effect.all({ guarded: Guard.guard(app, reached), sessions: Sessions }),
      context
    )
    yield* server.serve(guarded)
    return {
      url: reached.url,
      port,
      link: Effect.map(sessions.code, (code) => `${reached.url}/?code=${code}`)
    }
  })
