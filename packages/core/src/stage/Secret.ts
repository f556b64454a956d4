import { Context, Effect, Redacted, Schema, SchemaAST as AST } from "effect"
import { promises as fs } from "node:fs"
import { resolve as resolvePath } from "node:path"
import * as Failure from "./Failure.js"

/** What finding a secret may fail with. */
export class SecretError extends Failure.Class<SecretError>()("SecretError", {
  SecretMissing: {
    retry: "config",
    billed: "no",
    help: "Set the environment variable or write the file that the config names."
  }
}) {}

const Mark = Symbol.for("@mediaspool/core/SecretRef")

/** Where a secret is. The config holds this and never the secret itself. A relative path starts at the config's folder. */
export const SecretRef = Schema.Union(
  Schema.Struct({ env: Schema.NonEmptyString }),
  Schema.Struct({ file: Schema.NonEmptyString })
).annotations({
  identifier: "SecretRef",
  description: "Where a secret is: { env: NAME } or { file: PATH }",
  [Mark]: true
})
export type SecretRef = typeof SecretRef.Type

/** Whether a schema holds a secret or says where one is: its values enter neither a result key nor a message. */
export const isSecret = (ast: AST.AST): boolean => {
  const constructor = ast.annotations[AST.TypeConstructorAnnotationId]
  return (
    ast.annotations[Mark] === true ||
    (typeof constructor === "object" &&
      constructor !== null &&
      "_tag" in constructor &&
      constructor._tag === "effect/Redacted") ||
    (AST.isTransformation(ast) && isSecret(ast.to))
  )
}

/** Finds secrets. */
export interface Service {
  readonly resolve: (ref: SecretRef) => Effect.Effect<Redacted.Redacted, SecretError>
}

/** What has been resolved in this process, as it is and as a URL has it; the longest first, for one may be a part of another. */
let resolved: ReadonlyArray<string> = []

/** Shorter ones would stand in any text. */
const SHORTEST = 4

/** From now on the secret is redacted. */
export const remember = (secret: string): void => {
  if (secret.length < SHORTEST || resolved.includes(secret)) return
  resolved = [...new Set([...resolved, secret, encodeURIComponent(secret)])].sort((a, b) => b.length - a.length)
}

/** A text without the secrets that were resolved in this process: `<redacted>` stands for each. */
export const redact = (text: string): string => {
  let clean = text
  for (const secret of resolved) clean = clean.replaceAll(secret, "<redacted>")
  return clean
}

const missing = (detail: string) => new SecretError({ code: "SecretMissing", detail })

/** Finds secrets in the environment and in files; a relative path starts at `folder`. */
export const secretsFrom = (folder: string): Service => ({ resolve: (ref) => resolve(folder, ref) })

const resolve = (folder: string, ref: SecretRef): Effect.Effect<Redacted.Redacted, SecretError> =>
  Effect.gen(function* () {
    const text =
      "env" in ref
        ? process.env[ref.env]
        : yield* Effect.tryPromise({
            try: () => fs.readFile(resolvePath(folder, ref.file), "utf8"),
            catch: () => missing(`the secret's file ${ref.file} can't be read`)
          })
    const secret = text?.trim() ?? ""
    remember(secret)
    return secret === ""
      ? yield* missing("env" in ref ? `the environment variable ${ref.env} is not set` : `the secret's file ${ref.file} is empty`)
      : Redacted.make(secret)
  })

/** Finds secrets after the config has been parsed. */
export class Secrets extends Context.Reference<Secrets>()("@mediaspool/core/Secrets", {
  defaultValue: (): Service => secretsFrom(process.cwd())
}) {}
