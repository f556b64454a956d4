import { Effect, Option } from "effect"
import { randomUUID } from "node:crypto"

/** The temporary store for large files: a policy is given for a model and an account, and the file belongs to them. */
export interface UploadStore {
  readonly policy: (model: string, origin: string) => Readonly<Record<string, string | number>>
  /** Takes a form; gives what is wrong with it. */
  readonly put: (form: Form) => string | undefined
  readonly find: (url: string, model: string) => Buffer | undefined
}

interface Policy {
  readonly model: string
  readonly directory: string
  readonly signature: string
}

export const store = (): UploadStore => {
  const policies = new Map<string, Policy>()
  const files = new Map<string, { readonly model: string; readonly bytes: Buffer }>()
  return {
    policy: (model, origin) => {
      const policy = Buffer.from(randomUUID()).toString("base64")
      const given = { model, directory: `dashscope-instant/${randomUUID()}`, signature: randomUUID() }
      policies.set(policy, given)
      return {
        policy,
        signature: given.signature,
        upload_dir: given.directory,
        upload_host: `${origin}/oss`,
        expire_in_seconds: 300,
        max_file_size_mb: 1024,
        oss_access_key_id: "LTAI-emulator",
        x_oss_object_acl: "private",
        x_oss_forbid_overwrite: "true"
      }
    },
    put: ({ fields, file, order }) => {
      const policy = policies.get(fields.get("policy") ?? "")
      const key = fields.get("key") ?? ""
      if (policy === undefined || fields.get("Signature") !== policy.signature) return "SignatureDoesNotMatch"
      if (fields.get("OSSAccessKeyId") !== "LTAI-emulator") return "InvalidAccessKeyId"
      if (!key.startsWith(`${policy.directory}/`)) return "AccessDenied"
      if (fields.get("x-oss-object-acl") !== "private" || fields.get("x-oss-forbid-overwrite") !== "true") return "AccessDenied"
      if (file === undefined || order.at(-1) !== "file") return "MalformedPOSTRequest"
      if (files.has(key)) return "FileAlreadyExists"
      files.set(key, { model: policy.model, bytes: file })
      return undefined
    },
    find: (url, model) => {
      const found = files.get(url.slice("oss://".length))
      return found?.model === model ? found.bytes : undefined
    }
  }
}

/** A multipart form's fields, its file, and the order of both. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>
  readonly file: Buffer | undefined
  readonly order: ReadonlyArray<string>
}

/** Reads a multipart form; none when the body isn't one. */
export const readForm = (body: Buffer, contentType: string): Effect.Effect<Option.Option<Form>> =>
  Effect.tryPromise(async () => {
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData()
    const fields = new Map<string, string>()
    let file: Buffer | undefined
    for (const [name, value] of form) {
      if (typeof value === "string") fields.set(name, value)
      else file = Buffer.from(await value.arrayBuffer())
    }
    return { fields, file, order: [...form.keys()] }
  }).pipe(Effect.option, Effect.map(Option.filter(({ order }) => order.length > 0)))
