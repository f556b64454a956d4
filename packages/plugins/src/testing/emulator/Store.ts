import { randomUUID } from "node:crypto"

/** The temporary store for large files: a policy is given for a model and an account, and the file belongs to them. */
export interface Store {
  readonly policy: (model: string, origin: string) => Readonly<Record<string, string | number>>
  /** Takes a form; gives what is wrong with it. */
  readonly put: (
    fields: ReadonlyMap<string, string>,
    file: Buffer | undefined,
    order: ReadonlyArray<string>
  ) => string | undefined
  readonly find: (url: string, model: string) => Buffer | undefined
}

interface Policy {
  readonly model: string
  readonly directory: string
  readonly signature: string
}

export const store = (): Store => {
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
    put: (fields, file, order) => {
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

/** The parts of a multipart form, in order. Undefined when the body is none. */
export const parseForm = (
  body: Buffer,
  contentType: string
):
  | { readonly fields: ReadonlyMap<string, string>; readonly file: Buffer | undefined; readonly order: ReadonlyArray<string> }
  | undefined => {
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  const fields = new Map<string, string>()
  const order: Array<string> = []
  let file: Buffer | undefined
  const mark = Buffer.from(`--${boundary}`)
  let at = body.indexOf(mark)
  while (at !== -1) {
    const start = at + mark.length
    const next = body.indexOf(mark, start)
    if (next === -1) break
    const part = body.subarray(start + 2, next - 2)
    const gap = part.indexOf("\r\n\r\n")
    const head = part.toString("utf8", 0, gap)
    const name = /name="([^"]*)"/.exec(head)?.[1]
    if (gap === -1 || name === undefined) return undefined
    order.push(name)
    if (name === "file") file = Buffer.from(part.subarray(gap + 4))
    else fields.set(name, part.toString("utf8", gap + 4))
    at = next
  }
  return order.length === 0 ? undefined : { fields, file, order }
}
