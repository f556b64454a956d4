import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { promises as fs } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Secrets, secretsFrom } from "./Secret.js"

describe("Secrets", () => {
  it.effect("reads a variable or a file, without the line's end", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      const file = join(tmpdir(), `mediaspool-secret-${process.pid}`)
      yield* Effect.promise(() => fs.writeFile(file, "hush\n"))
      process.env.MEDIASPOOL_TEST_SECRET = "quiet"
      const found = yield* Effect.all([secrets.resolve({ env: "MEDIASPOOL_TEST_SECRET" }), secrets.resolve({ file })])
      expect(found.map(Redacted.value)).toEqual(["quiet", "hush"])
      expect(JSON.stringify(found)).not.toContain("hush")
      yield* Effect.promise(() => fs.rm(file))
    })
  )

  it.scoped("finds a file from the config's folder", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => fs.mkdtemp(join(tmpdir(), "mediaspool-secret-"))),
        (path) => Effect.promise(() => fs.rm(path, { recursive: true }))
      )
      yield* Effect.promise(() => fs.writeFile(join(folder, "key"), "hush"))
      expect(Redacted.value(yield* secretsFrom(folder).resolve({ file: "key" }))).toBe("hush")
      expect((yield* Effect.flip(secretsFrom(tmpdir()).resolve({ file: "./no-such-key" }))).code).toBe("SecretMissing")
    })
  )

  it.effect("says which one is missing", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      const error = yield* Effect.flip(secrets.resolve({ env: "MEDIASPOOL_NO_SUCH" }))
      expect(error).toMatchObject({ code: "SecretMissing", retry: "config" })
      expect(error.message).toContain("MEDIASPOOL_NO_SUCH")
    })
  )
})
