import { FetchHttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Redacted, TestClock } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ModelEmulator } from "@mediaspool/emulator"
import * as SampleMedia from "../../testing/SampleMedia.js"
import { client } from "./OpenAiClient.js"
import * as Completion from "./Completion.js"
import * as ModelSpec from "../catalog/ModelSpec.js"
import * as ProviderCatalog from "../catalog/ProviderCatalog.js"
import type { Provider } from "../catalog/Provider.js"
import { upload } from "./Upload.js"

const provider = (emulator: Pick<ModelEmulator.Emulator, "baseUrl">): Provider =>
  Either.getOrThrow(
    ProviderCatalog.resolve("local", {
      local: { dialect: "dashscope", baseUrl: emulator.baseUrl, apiKey: { env: "UNUSED" }, upload: true }
    })
  )
const file = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "upload-"))
    const bytes = SampleMedia.wav("tone", { seconds: 3, sampleRate: 16000 })
    writeFileSync(join(folder, "a.wav"), bytes)
    return { folder, path: join(folder, "a.wav"), size: bytes.length, format: "wav" }
  }),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
)
/** A provider whose service is a server of the test's own. */
const served = (server: Server) =>
  Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    () => Effect.sync(() => server.close().closeAllConnections())
  ).pipe(
    Effect.map(() => server.address()),
    Effect.map((at) => provider({ baseUrl: `http://127.0.0.1:${typeof at === "object" ? at?.port : ""}/compatible-mode/v1` }))
  )
const captioner = (at: Provider) => Either.getOrThrow(ModelSpec.resolve(at, undefined, "caption"))

describe("Upload", () => {
  it.scoped.each([
    ["undici", NodeHttpClient.layerUndici],
    ["fetch", FetchHttpClient.layer]
  ] as const)("puts a file where the model finds it, by the client of %s", ([, http]) =>
    Effect.gen(function* () {
      const emulator = yield* ModelEmulator.start()
      const at = provider(emulator)
      const put = yield* upload(at, Redacted.make("sk-emulator"))
      const url = yield* put(captioner(at), yield* file)
      expect(url).toMatch(/^oss:\/\/dashscope-instant\//)
      const { send } = yield* client(at, Redacted.make("sk-emulator"))
      const answer = yield* send({ model: captioner(at), audio: { url, format: "wav" }, sampling: {} })
      expect(yield* Completion.parse("local", answer.body)).toMatchObject({ text: expect.stringContaining("lasts 3.0 seconds") })
    }).pipe(Effect.provide(http))
  )

  it.scoped("is refused with a key of another region", () =>
    Effect.gen(function* () {
      const at = provider(yield* ModelEmulator.start())
      const put = yield* upload(at, Redacted.make("sk-of-beijing"))
      expect((yield* Effect.flip(put(captioner(at), yield* file))).code).toBe("KeyRefused")
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scoped("sends nothing to a host that only the answer names", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const data = {
        policy: "p",
        signature: "s",
        upload_dir: "d",
        upload_host: "http://169.254.169.254/oss",
        oss_access_key_id: "k",
        x_oss_object_acl: "private",
        x_oss_forbid_overwrite: "true"
      }
      const server = createServer((request, response) => {
        asked.push(request.url)
        response.end(JSON.stringify({ data }))
      })
      const at = yield* served(server)
      const put = yield* upload(at, undefined)
      expect((yield* Effect.flip(put(captioner(at), yield* file))).code).toBe("AddressRefused")
      expect(asked).toEqual(["/api/v1/uploads?action=getPolicy&model=qwen3-omni-30b-a3b-captioner"])
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scoped("gives up on words that never end", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const server = createServer((_, response) => {
        response.writeHead(200).write("{")
        Deferred.unsafeDone(asked, Effect.void)
      })
      const at = yield* served(server)
      const put = yield* upload(at, undefined)
      const fiber = yield* Effect.fork(Effect.flip(put(captioner(at), yield* file)))
      yield* Deferred.await(asked)
      yield* TestClock.adjust("61 seconds")
      expect(yield* fiber).toMatchObject({ code: "ServiceTimedOut", message: expect.stringContaining("the upload did not end") })
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})
