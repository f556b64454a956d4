import { HttpClientRequest } from "@effect/platform"
import {
  Failure,
  Field,
  Http,
  HttpError,
  Library,
  LibraryError,
  Node,
  Plugin,
  SecretError,
  SecretRef,
  Secrets,
  Sink,
  SourceFile
} from "@mediaspool/core"
import { AwsV4Signer } from "aws4fetch"
import { Effect, Redacted, Schema } from "effect"
import { extname } from "node:path"

export class Uploaded extends Schema.TaggedClass<Uploaded>("example-upload/Uploaded")("Uploaded", { url: Schema.String }) {}

export class UploadError extends Failure.Class<UploadError>()("UploadError", {
  UploadNotRead: { retry: "now", help: "Look at the disk: the file can't be read." },
  UploadAddressNotValid: { retry: "config", help: "Check `endpoint` and `bucket` of the stage." }
}) {}

const Config = Schema.Struct({
  endpoint: Field.required(Schema.String, "Where the storage is, such as https://s3.eu-central-1.amazonaws.com"),
  bucket: Field.required(Schema.NonEmptyString, "The bucket"),
  region: Field.withDefault(Schema.String, "us-east-1", "The region that requests are signed for"),
  prefix: Field.withDefault(Schema.String, "", "Before the objects' names, such as `media/`"),
  accessKey: Field.withDefault(SecretRef, { env: "AWS_ACCESS_KEY_ID" }, "The access key's id"),
  secretKey: Field.withDefault(SecretRef, { env: "AWS_SECRET_ACCESS_KEY" }, "The secret access key")
})

/** Any object storage that speaks S3: it signs and streams a PUT, and keeps a receipt. Retries are the runner's. */
export const upload = Sink.make({
  name: "upload",
  version: 1,
  summary: "Uploads files to an object storage that speaks S3",
  input: { file: SourceFile },
  output: Uploaded,
  config: Config,
  error: Schema.Union(HttpError, LibraryError, SecretError, UploadError),
  secrets: ({ accessKey, secretKey }) => Effect.succeed([accessKey, secretKey]),
  resource: ({ endpoint }) => `storage:${URL.canParse(endpoint) ? new URL(endpoint).host : endpoint}`,
  isWritten: ({ key }) =>
    Effect.gen(function* () {
      const library = yield* Library
      return (yield* library.read({ sql: "SELECT 1 FROM uploaded WHERE key = ?", values: [key] })).length > 0
    }),
  run: ({ file: { file, mediaType } }, { accessKey, bucket, endpoint, prefix, region, secretKey }) =>
    Effect.gen(function* () {
      // The same bytes have the same name: an upload that is repeated changes nothing.
      const url = `${endpoint}/${bucket}/${prefix}${file.hash}${extname(file.path)}`
      const secrets = yield* Secrets
      const signer = {
        service: "s3",
        region,
        accessKeyId: Redacted.value(yield* secrets.resolve(accessKey)),
        secretAccessKey: Redacted.value(yield* secrets.resolve(secretKey))
      }
      // Whoever stores the bytes compares them with the hash that is signed.
      const headers = { "x-amz-content-sha256": file.hash, "content-type": mediaType, "content-length": `${file.size}` }
      const signed = yield* Effect.tryPromise({
        try: () => new AwsV4Signer({ ...signer, method: "PUT", url, headers }).sign(),
        catch: () => new UploadError({ code: "UploadAddressNotValid", detail: `${url} is no address` })
      })
      const request = yield* HttpClientRequest.put(url).pipe(
        HttpClientRequest.bodyFile(file.path, { contentType: mediaType }),
        Effect.map(HttpClientRequest.setHeaders(signed.headers)),
        Effect.mapError(({ message }) => new UploadError({ code: "UploadNotRead", detail: message }))
      )
      yield* Http.request(request, { deadline: "1 hour" })
      const { key, node, pipeline } = yield* Node
      const library = yield* Library
      const sql = "REPLACE INTO uploaded (key, pipeline, node, content_hash, url) VALUES (?, ?, ?, ?, ?)"
      yield* library.write([{ sql, values: [key, pipeline, node, file.hash, url] }])
      return new Uploaded({ url })
    })
})

const tables = `CREATE TABLE uploaded (
  key TEXT PRIMARY KEY,
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  url TEXT NOT NULL
) STRICT;`

export default Plugin.make({
  name: "example-upload",
  stages: [upload],
  permissions: { hosts: ["*"], secrets: ["*"] },
  migrations: [{ id: 1, sql: tables }]
})
