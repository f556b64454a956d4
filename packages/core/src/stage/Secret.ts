import { Context, Effect, Redacted, Schema } from "effect"
import { promises as fs } from "node:fs"
import * as Failure from "./Failure.js"

export class SecretError extends Failure.Class<SecretError>()("SecretError", {
  SecretMissing: { retry: "config", help: "Set the environment variable or write the file that the config names." }
}) {}

/** Where a secret is. The config holds this and never the secret itself. */
export const SecretRef = Schema.Union(
  Schema.Struct({ env: Schema.NonEmptyString }),
  Schema.Struct({ file: Schema.NonEmptyString })
).annotations({ identifier: "SecretRef", description: "Where a secret is: { env: NAME } or { file: PATH }" })
export type SecretRef = typeof SecretRef.Type

export interface Service {
  readonly resolve: (ref: SecretRef) => Effect.Effect<Redacted.Redacted, SecretError>
}

const missing = (detail: string) => new SecretError({ code: "SecretMissing", detail })

const resolve: Service["resolve"] = (ref) =>
  Effect.gen(function* () {
    const text =
      "env" in ref
        ? process.env[ref.env]
        : yield* Effect.tryPromise({
            try: () => fs.readFile(ref.file, "utf8"),
            catch: () => missing(`the secret's file ${ref.file} can't be read`)
          })
    const secret = text?.trim() ?? ""
    return secret === ""
      ? yield* missing("env" in ref ? `the environment variable ${ref.env} is not set` : `the secret's file ${ref.file} is empty`)
      : Redacted.make(secret)
  })

/** Finds secrets after the config has been parsed. */
export class Secrets extends Context.Reference<Secrets>()("@mediaspool/core/Secrets", {
  defaultValue: (): Service => ({ resolve })
}) {}
