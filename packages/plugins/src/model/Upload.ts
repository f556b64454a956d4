import { FileSystem, HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, type Redacted, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { ModelError } from "./ModelError.js"
import type { ModelProfile } from "./ModelProfile.js"
import { refusal, root, withoutRedirects } from "./Native.js"
import type { Provider } from "./Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import { disconnected, notTheService, timedOut } from "./Transport.js"

/** Permission to put one file into DashScope's temporary store. */
const Policy = Schema.Struct({
  data: Schema.Struct({
    policy: Schema.String,
    signature: Schema.String,
    upload_dir: Schema.String,
    upload_host: Schema.String,
    max_file_size_mb: Schema.optional(Schema.Union(Schema.Number, Schema.NumberFromString)),
    oss_access_key_id: Schema.String,
    x_oss_object_acl: Schema.String,
    x_oss_forbid_overwrite: Schema.String
  })
})

/** Puts a file where the provider's models can fetch it for 48 hours. Fails for what doesn't fit; never tries twice. */
export type Upload = (
  model: ModelProfile,
  file: { readonly path: string; readonly size: number; readonly format: string }
) => Effect.Effect<string, ModelError>

/**
 * The answer names the host that the file goes to. A sound must not be sent wherever an answer says: only to the vendor's object
 * store, or, for another server, to that server.
 */
const allowed = (provider: Provider, host: string): boolean => {
  if (!URL.canParse(host)) return false
  const url = new URL(host)
  return provider.authority === "dashscope"
    ? url.protocol === "https:" && url.hostname.endsWith(".aliyuncs.com")
    : url.host === new URL(provider.baseUrl).host
}

const line = "\r\n"

/** A multipart form with the file as its last part, of known length: object stores refuse chunked bodies. */
const form = (
  fields: Readonly<Record<string, string>>,
  name: string,
  size: number,
  file: Stream.Stream<Uint8Array, unknown>
): HttpBody.Stream => {
  const boundary = `spool-${randomUUID()}`
  const part = (disposition: string, value: string) =>
    `--${boundary}${line}Content-Disposition: form-data; ${disposition}${line}${value}`
  const head = Buffer.from(
    Object.entries(fields)
      .map(([key, value]) => part(`name="${key}"`, `${line}${value}${line}`))
      .join("") + part(`name="file"; filename="${name}"`, `Content-Type: application/octet-stream${line}${line}`)
  )
  const tail = Buffer.from(`${line}--${boundary}--${line}`)
  return HttpBody.stream(
    Stream.make(head).pipe(Stream.concat(file), Stream.concat(Stream.make(tail))),
    `multipart/form-data; boundary=${boundary}`,
    head.length + size + tail.length
  )
}

/**
 * DashScope's temporary store: a policy, a form to the object store, an `oss://` address. The form is a stream of known length, which
 * the clients of undici and of Node send as such; one made of `fetch` would send it in chunks, and the store refuses that.
 */
export const upload = (
  settings: Provider,
  key: Redacted.Redacted | undefined
): Effect.Effect<Upload, never, HttpClient.HttpClient | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    // Nothing is billed for an upload, however it ends.
    const provider: Provider = { ...settings, onAmbiguous: "retry" }
    const http = yield* HttpClient.HttpClient
    const files = yield* FileSystem.FileSystem

    const execute = (request: HttpClientRequest.HttpClientRequest, seconds: number) =>
      http.execute(request).pipe(
        withoutRedirects,
        Effect.mapError((error) => disconnected(provider, error.cause ?? error)),
        Effect.timeoutFail({ duration: seconds * 1000, onTimeout: () => timedOut(provider, "the upload did not end", seconds) }),
        Effect.filterOrElse(
          (response) => response.status >= 200 && response.status < 300,
          (response) => refusal(provider, response)
        )
      )

    const policy = (model: ModelProfile) =>
      HttpClientRequest.get(`${root(provider)}/uploads`).pipe(
        HttpClientRequest.setUrlParams({ action: "getPolicy", model: model.servedAs }),
        key === undefined ? (same) => same : HttpClientRequest.bearerToken(key),
        (request) => execute(request, 60),
        Effect.flatMap((response) => Effect.orElseSucceed(response.text, () => "")),
        Effect.flatMap((body) =>
          Schema.decode(Schema.parseJson(Policy))(body).pipe(Effect.mapError(() => notTheService(provider, body)))
        ),
        Effect.map(({ data }) => data)
      )

    return (model, file) =>
      Effect.gen(function* () {
        const data = yield* policy(model)
        if (!allowed(provider, data.upload_host))
          return yield* new ModelError({
            code: "AddressRefused",
            detail: `${provider.name} wants the file at ${ServiceFault.quote(data.upload_host)}, which isn't its store`
          })
        const limit = (data.max_file_size_mb ?? Infinity) * 1024 * 1024
        if (file.size > limit)
          return yield* new ModelError({
            code: "AudioTooLarge",
            detail: `${file.size} bytes are ${file.size - limit} more than ${provider.name} takes in an upload`
          })
        const name = `${randomUUID()}.${file.format}`
        const target = `${data.upload_dir}/${name}`
        const body = form(
          {
            OSSAccessKeyId: data.oss_access_key_id,
            Signature: data.signature,
            policy: data.policy,
            key: target,
            "x-oss-object-acl": data.x_oss_object_acl,
            "x-oss-forbid-overwrite": data.x_oss_forbid_overwrite,
            success_action_status: "200"
          },
          name,
          file.size,
          files.stream(file.path)
        )
        // The form carries its own proof; the key stays with the service.
        yield* execute(HttpClientRequest.setBody(HttpClientRequest.post(data.upload_host), body), 600)
        return `oss://${target}`
      }).pipe(Effect.scoped)
  })
