import { Data, Deferred, Effect, FiberSet, Option, Schema, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { ModelCatalog } from "@mediaspool/plugins"
import * as Usage from "./Usage.js"
import type { Protocol } from "./Validation.js"
import { blind, type Decode, type Look, wavOnly } from "./Decoder.js"
import * as Fault from "./Fault.js"
import type { Limits } from "./RateLimits.js"
import * as HttpReply from "./HttpReply.js"
import { embeddings } from "./Embeddings.js"
import { refusals } from "./Refusal.js"
import { refuse } from "./Response.js"
import { account, handle, type ServerState } from "./Service.js"
import * as EmulatorSettings from "./EmulatorSettings.js"
import * as UploadStore from "./UploadStore.js"

export interface Options {
  /** Default: a free one. */
  readonly port?: number | undefined
  readonly settings?: typeof EmulatorSettings.EmulatorSettings.Encoded | undefined
  /** Default: PCM in WAV only. */
  readonly decode?: Decode | undefined
  /** Default: it sees nothing. */
  readonly look?: Look | undefined
  /** Hears of every request that is billed or refused. */
  readonly onRequest?: ((event: Usage.Event) => void) | undefined
}

/** It can't listen on the port that was asked for. */
export class NotListening extends Data.TaggedError("NotListening")<{ readonly port: number; readonly message: string }> {}

/** A running emulator. */
export interface Emulator {
  readonly port: number
  /** `http://127.0.0.1:4711` */
  readonly origin: string
  /** What a provider's `baseUrl` has to be: `…/compatible-mode/v1`. */
  readonly baseUrl: string
  /** The same for the dialects vllm and sglang: `…/v1`. */
  readonly selfHostedUrl: string
  readonly statement: Effect.Effect<Usage.Statement>
  readonly clear: Effect.Effect<void>
  /** Forgets the faults to come. */
  readonly reset: Effect.Effect<void>
  /** What goes wrong with the requests to come. */
  readonly script: (...faults: ReadonlyArray<typeof Fault.Fault.Encoded>) => Effect.Effect<void>
  readonly change: (settings: typeof EmulatorSettings.EmulatorSettings.Encoded) => Effect.Effect<void>
}

const largest = 40 * 1024 * 1024

const bodyOf = (request: IncomingMessage): Effect.Effect<Buffer> =>
  Effect.async<Buffer>((resume) => {
    const parts: Array<Buffer> = []
    let size = 0
    request.on("data", (part: Buffer) => {
      size += part.length
      if (size <= largest) parts.push(part)
    })
    request.on("end", () => resume(Effect.succeed(Buffer.concat(parts))))
    request.on("error", () => resume(Effect.interrupt))
  })

const headerOf = (request: IncomingMessage) => (name: string) => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

const endpoints: Readonly<Record<string, Protocol>> = {
  "/compatible-mode/v1/chat/completions": "compatible",
  "/api/v1/services/aigc/multimodal-generation/generation": "native",
  "/v1/chat/completions": "vllm"
}

const vectors: Readonly<Record<string, Protocol>> = {
  "/compatible-mode/v1/embeddings": "compatible",
  "/v1/embeddings": "vllm"
}

const listing = (): string =>
  JSON.stringify({
    object: "list",
    data: Object.keys(ModelCatalog.models).map((id) => ({ id, object: "model", created: 0, owned_by: "emulator" }))
  })

const notFound = HttpReply.json(404, JSON.stringify({ error: { message: "Not found", code: "not_found" } }))
const plain = (status: number, body: string): HttpReply.HttpReply => ({ _tag: "Whole", status, type: "text/plain", body })
/** Whoever controls the emulator asks seldom: a connection that is kept would be closed just when it is used again. */
const controlled = (body: string) => HttpReply.json(200, body, { connection: "close" })

const ok = controlled("{}")

/** The object store: it knows nobody's key, and wants to know a body's length beforehand. */
const put = (request: IncomingMessage, body: Buffer, store: UploadStore.UploadStore): Effect.Effect<HttpReply.HttpReply> => {
  if (request.headers["content-length"] === undefined) return Effect.succeed(plain(411, "MissingContentLength"))
  if (request.headers["authorization"] !== undefined) return Effect.succeed(plain(400, "InvalidArgument: Authorization"))
  return Effect.map(UploadStore.readForm(body, request.headers["content-type"] ?? ""), (form) => {
    const fault = Option.match(form, { onNone: () => "MalformedPOSTRequest", onSome: store.put })
    return fault === undefined ? plain(200, "") : plain(fault === "MalformedPOSTRequest" ? 400 : 403, fault)
  })
}

const decodeScript = Schema.decodeUnknownOption(Schema.parseJson(Schema.Array(Fault.Fault)))
const decodeSettings = Schema.decodeUnknownOption(Schema.parseJson(EmulatorSettings.EmulatorSettings))

/** How another process reads the bill, writes the script and changes the settings. */
const control = (
  method: string,
  path: string,
  body: Buffer,
  state: ServerState,
  change: (settings: EmulatorSettings.EmulatorSettings) => void
) => {
  if (path === "/emulator/bill" && method === "GET") return controlled(JSON.stringify(state.usage.statement()))
  if (path === "/emulator/bill" && method === "DELETE") {
    state.usage.clear()
    return ok
  }
  if (path === "/emulator/script" && method === "POST") {
    const faults = decodeScript(body.toString("utf8"))
    if (Option.isNone(faults)) return plain(400, 'the script is a list of faults: [{"kind":"limit_requests","times":2}]')
    state.script.add(faults.value)
    return ok
  }
  if (path === "/emulator/script" && method === "DELETE") {
    state.script.clear()
    return ok
  }
  if (path === "/emulator/settings" && method === "POST") {
    const settings = decodeSettings(body.toString("utf8"))
    if (Option.isNone(settings)) return plain(400, "these are no settings")
    change(EmulatorSettings.make(settings.value))
    return ok
  }
  return undefined
}

const listenOn = (server: Server, port: number): Effect.Effect<number, NotListening> =>
  Effect.gen(function* () {
    const ready = yield* Deferred.make<number, NotListening>()
    server.once("error", ({ message }) => Deferred.unsafeDone(ready, new NotListening({ port, message })))
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      Deferred.unsafeDone(ready, Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
    return yield* Deferred.await(ready)
  })

/** Starts an emulator on loopback; it ends with the scope. */
export const open = (options: Options = {}): Effect.Effect<Emulator, NotListening, Scope.Scope> =>
  Effect.gen(function* () {
    let settings = EmulatorSettings.make(options.settings)
    const state: ServerState = {
      settings: () => settings,
      decode: options.decode ?? wavOnly,
      look: options.look ?? blind,
      store: UploadStore.store(),
      script: Fault.script(),
      usage: Usage.make(options.onRequest),
      limits: new Map<string, Limits>()
    }
    const change = (next: EmulatorSettings.EmulatorSettings) => {
      settings = next
      state.limits.clear()
    }

    const respond = (request: IncomingMessage, response: ServerResponse) =>
      Effect.gen(function* () {
        const at = performance.now() / 1000
        const body = yield* bodyOf(request)
        const url = new URL(request.url ?? "/", "http://127.0.0.1")
        const method = request.method ?? "GET"
        const protocol = method === "POST" ? endpoints[url.pathname] : undefined
        if (protocol !== undefined) {
          const { reply, requestId } = yield* handle({ protocol, header: headerOf(request), body, at }, state)
          return yield* HttpReply.send(reply, response, requestId)
        }
        const embedding = method === "POST" ? vectors[url.pathname] : undefined
        if (embedding !== undefined) {
          const incoming = { protocol: embedding, header: headerOf(request), body, at }
          const { reply, requestId } = yield* embeddings(incoming, state)
          return yield* HttpReply.send(reply, response, requestId)
        }
        const reply =
          method === "POST" && url.pathname === "/oss"
            ? put(request, body, state.store)
            : Effect.sync(() => route(request, method, url, body))
        return yield* HttpReply.send(yield* reply, response, "emulator")
      })

    const route = (request: IncomingMessage, method: string, url: URL, body: Buffer): HttpReply.HttpReply => {
      const path = url.pathname
      const origin = `http://${request.headers.host ?? "127.0.0.1"}`
      const who = (protocol: Protocol) => account({ protocol, header: headerOf(request) }, settings)
      if (method === "GET" && path === "/v1/models") return HttpReply.json(200, listing())
      if (method === "GET" && path === "/compatible-mode/v1/models") {
        const key = who("compatible")
        return key._tag === "Left" ? refuse(false, key.left, "emulator") : HttpReply.json(200, listing())
      }
      if (method === "GET" && path === "/api/v1/uploads") {
        const key = who("native")
        const model = url.searchParams.get("model") ?? ""
        if (key._tag === "Left") return refuse(true, key.left, "emulator")
        if (url.searchParams.get("action") !== "getPolicy")
          return refuse(true, refusals.parameter("action is missing"), "emulator")
        if (!Object.hasOwn(ModelCatalog.models, model)) return refuse(true, refusals.model(model), "emulator")
        return HttpReply.json(200, JSON.stringify({ request_id: "emulator", data: state.store.policy(model, origin) }))
      }
      return control(method, path, body, state, change) ?? notFound
    }

    const fibers = yield* FiberSet.make()
    const fork = yield* FiberSet.runtime(fibers)<never>()
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
          const fiber = fork(respond(request, response))
          // Who hangs up is not answered any further.
          response.once("close", () => fiber.unsafeInterruptAsFork(fiber.id()))
        })
      ),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const port = yield* listenOn(server, options.port ?? 0)
    const origin = `http://127.0.0.1:${port}`
    return {
      port,
      origin,
      baseUrl: `${origin}/compatible-mode/v1`,
      selfHostedUrl: `${origin}/v1`,
      statement: Effect.sync(state.usage.statement),
      clear: Effect.sync(state.usage.clear),
      reset: Effect.sync(state.script.clear),
      script: (...faults) => Effect.sync(() => state.script.add(Schema.decodeSync(Schema.Array(Fault.Fault))(faults))),
      change: (next) => Effect.sync(() => change(EmulatorSettings.make(next)))
    }
  })

/** {@link open} for tests: dies when the port is taken. */
export const start = (options: Options = {}): Effect.Effect<Emulator, never, Scope.Scope> => Effect.orDie(open(options))
