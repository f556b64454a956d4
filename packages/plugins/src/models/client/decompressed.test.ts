import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import { createServer, type ServerResponse } from "node:http"
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from "node:zlib"
import * as ModelSpec from "../catalog/ModelSpec.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import { client } from "./OpenAiClient.js"

const words = "A piano, and rain on a roof."
const choice = (more: object) => ({ id: "a", object: "chat.completion", model: "m", choices: [{ index: 0, ...more }] })
const usage = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 }
const whole = JSON.stringify({ ...choice({ message: { role: "assistant", content: words }, finish_reason: "stop" }), usage })
const frames = [
  choice({ delta: { content: words }, finish_reason: null }),
  choice({ delta: { content: "" }, finish_reason: "stop" }),
  { ...choice({}), choices: [], usage }
].map((frame) => `data: ${JSON.stringify(frame)}\n\n`)

/** A service on loopback that answers each request like this. */
const served = (respond: (response: ServerResponse) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const server = createServer((request, response) => request.resume().on("end", () => respond(response)))
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    ),
    (server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`
    }
  )

/** The answer's words, or the failure's code. */
const asked = (stream: boolean, respond: (response: ServerResponse) => void) =>
  Effect.gen(function* () {
    const baseUrl = yield* served(respond)
    const timeouts = { firstByte: 5, idle: 3, total: 10 }
    const provider = yield* ProviderCatalog.resolve("local", { local: { dialect: "vllm", baseUrl, stream, timeouts } })
    const model = yield* ModelSpec.resolve(provider, undefined, "caption")
    const { send } = yield* client(provider, Redacted.make("none"))
    const audio = { url: "data:audio/wav;base64,AAAA", format: "wav" }
    return Either.match(yield* Effect.either(send({ model, audio, sampling: {} })), {
      onLeft: ({ code }): string => code,
      onRight: ({ body }) => (body.includes(words) ? "answer" : body)
    })
  })

const json = (encoding: string, bytes: Uint8Array) => (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding })
  response.end(bytes)
}

describe("An answer that was encoded on its way", () => {
  it.scopedLive.each([
    ["gzip", gzipSync(whole)],
    ["deflate", deflateSync(whole)],
    ["br", brotliCompressSync(whole)]
  ] as const)("is read from %s", ([encoding, bytes]) =>
    Effect.map(asked(false, json(encoding, bytes)), (found) => expect(found).toBe("answer"))
  )

  it.scopedLive("is read piece by piece, and kept when the connection breaks behind it", () =>
    Effect.map(
      asked(true, (response) => {
        response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
        const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
        gzip.on("data", (bytes) => response.write(bytes))
        for (const frame of frames) gzip.write(frame)
        gzip.flush(() => setTimeout(() => response.socket?.destroy(), 50))
      }),
      (found) => expect(found).toBe("answer")
    )
  )

  it.scopedLive("is an interrupted one where its bytes are none of its encoding", () =>
    Effect.map(asked(false, json("gzip", Buffer.from(whole))), (found) => expect(found).toBe("Interrupted"))
  )

  it.scopedLive("stays small: what swells is refused", () =>
    Effect.map(asked(false, json("gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024, " ")))), (found) =>
      expect(found).toBe("AnswerTooLarge")
    )
  )
})

describe("A stream that ends well", () => {
  it.scopedLive("after its finish reason is an answer, though it never says what it used", () =>
    Effect.map(
      asked(true, (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.end(frames.slice(0, 2).join(""))
      }),
      (found) => expect(found).toBe("answer")
    )
  )

  it.scopedLive("without the empty line behind its last event is an answer, or what that event says", () =>
    Effect.gen(function* () {
      const ended = (last: string) =>
        asked(true, (response) => {
          response.writeHead(200, { "content-type": "text/event-stream" })
          response.end(frames[0] + last)
        })
      expect(yield* ended((frames[1] ?? "").trimEnd())).toBe("answer")
      expect(yield* ended(`${(frames[1] ?? "").trimEnd()}\n`)).toBe("answer")
      expect(yield* ended('data: {"error":{"code":500,"message":"broke"}}\n')).toBe("FailedMidway")
      expect(yield* ended((frames[1] ?? "").slice(0, 30))).toBe("Interrupted")
    })
  )

  it.scopedLive("before its finish reason is none", () =>
    Effect.map(
      asked(true, (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.end(frames[0])
      }),
      (found) => expect(found).toBe("Interrupted")
    )
  )
})
