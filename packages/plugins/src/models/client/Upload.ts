import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Effect, type Redacted, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { openAsBlob } from "node:fs"
import { ModelError } from "../ModelError.js"
import type { ModelSpec } from "../catalog/ModelSpec.js"
import { root } from "./DashScopeClient.js"
import type { Provider } from "../catalog/Provider.js"
import * as ServiceFault from "./ServiceFault.js"
import { disconnected, notTheService, timedOut } from "./Transport.js"

/** No redirects: a key goes where the config says, and nowhere else. */
const withoutRedirects = Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })

/** What is read of an answer: far more than a policy or a refusal needs. */
const MOST_BYTES = 256 * 1024

/** The beginning of a response's body, as text. */
const textOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  response.stream.pipe(
    Stream.mapAccum(0, (size, bytes) => [size + bytes.byteLength, { size, bytes }]),
    Stream.takeWhile(({ size }) => size < MOST_BYTES),
    Stream.map(({ bytes }) => bytes),
    Stream.decodeText(),
    Stream.mkString,
    Effect.orElseSucceed(() => "")
  )

/** A failed response as a typed failure. */
const refusal = (provider: Provider, response: HttpClientResponse.HttpClientResponse): Effect.Effect<never, ModelError> =>
  Effect.flatMap(textOf(response), (body) =>
    Effect.fail(
      ServiceFault.toError(
        provider.name,
        ServiceFault.ofResponse(response.status, body, (name) => response.headers[name])
      )
    )
  )

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
  model: ModelSpec,
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

/**
 * A form with the file as its last part. The file stays on disk until it is sent, and as one blob the form has a length: the store
 * refuses bodies of unknown length, and every client sends a blob with its own.
 */
const form = (fields: Readonly<Record<string, string>>, name: string, file: Blob): HttpBody.HttpBody => {
  const boundary = `spool-${randomUUID()}`
  const part = (disposition: string) => `--${boundary}${line}Content-Disposition: form-data; ${disposition}${line}`
  const texts = Object.entries(fields).map(([key, value]) => `${part(`name="${key}"`)}${line}${value}${line}`)
  const head = `${part(`name="file"; filename="${name}"`)}Content-Type: application/octet-stream${line}${line}`
  const whole = new Blob([...texts, head, file, `${line}--${boundary}--${line}`])
  return HttpBody.raw(whole, { contentType: `multipart/form-data; boundary=${boundary}`, contentLength: whole.size })
}

/** DashScope's temporary store: a policy, a form to the object store, an `oss://` address. */
export const upload = (
  settings: Provider,
  key: Redacted.Redacted | undefined
): Effect.Effect<Upload, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    // Nothing is billed for an upload, however it ends.
    const provider: Provider = { ...settings, onAmbiguous: "retry" }
    const http = yield* HttpClient.HttpClient

    /** The answer's text. */
    const execute = (request: HttpClientRequest.HttpClientRequest, seconds: number) =>
      http.execute(request).pipe(
        withoutRedirects,
        Effect.mapError((error) => disconnected(provider, error.cause ?? error)),
        Effect.filterOrElse(
          (response) => response.status >= 200 && response.status < 300,
          (response) => refusal(provider, response)
        ),
        Effect.flatMap(textOf),
        Effect.timeoutFail({ duration: seconds * 1000, onTimeout: () => timedOut(provider, "the upload did not end", seconds) })
      )

    const policy = (model: ModelSpec) =>
      HttpClientRequest.get(`${root(provider)}/uploads`).pipe(
        HttpClientRequest.setUrlParams({ action: "getPolicy", model: model.servedAs }),
        key === undefined ? (same) => same : HttpClientRequest.bearerToken(key),
        (request) => execute(request, 60),
        Effect.flatMap((body) =>
          Schema.decode(Schema.parseJson(Policy))(body).pipe(Effect.mapError(() => notTheService(provider, body)))
        ),
        Effect.map(({ data }) => data)
      )

    return (model, { format, path, size }) =>
      Effect.gen(function* () {
        const data = yield* policy(model)
        if (!allowed(provider, data.upload_host))
          return yield* new ModelError({
            code: "AddressRefused",
            detail: `${provider.name} wants the file at ${ServiceFault.quote(data.upload_host)}, which isn't its store`
          })
        const limit = (data.max_file_size_mb ?? Infinity) * 1024 * 1024
        if (size > limit)
          return yield* new ModelError({
            code: "AudioTooLarge",
            detail: `${size} bytes are ${size - limit} more than ${provider.name} takes in an upload`
          })
        const name = `${randomUUID()}.${format}`
        const target = `${data.upload_dir}/${name}`
        const file = yield* Effect.tryPromise({
          try: () => openAsBlob(path),
          catch: (cause) => new ModelError({ code: "AudioUnreadable", detail: `${path} can't be read: ${String(cause)}` })
        })
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
          file
        )
        // The form carries its own proof; the key stays with the service.
        yield* execute(HttpClientRequest.setBody(HttpClientRequest.post(data.upload_host), body), 600)
        return `oss://${target}`
      }).pipe(Effect.scoped)
  })
