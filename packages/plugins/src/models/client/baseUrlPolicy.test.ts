import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as baseUrlPolicy from "./baseUrlPolicy.js"

describe("baseUrlPolicy", () => {
  it.effect.each([
    "http://169.254.169.254/latest",
    "http://2852039166/v1",
    "http://[::ffff:169.254.169.254]/v1",
    "http://[fe80::1]/v1",
    "http://100.100.100.200/v1",
    "http://0.0.0.0:8000/v1",
    "https://user:secret@example.com/v1",
    "https://example.com/v1?key=secret",
    "https://example.com/v1#secret",
    "file:///etc/passwd",
    "ftp://example.com/v1"
  ])("refuses %s", (url) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(baseUrlPolicy.check("local", url))
      expect([error.code, error.retry]).toEqual(["AddressRefused", "config"])
      expect(error.message).not.toContain("secret")
    })
  )

  it.effect.each([
    "http://127.0.0.1:8080/v1",
    "http://192.168.1.4:8000/v1",
    "http://[::1]:8000/v1",
    "http://no-such-host.invalid/v1"
  ])("lets %s be", (url) => baseUrlPolicy.check("local", url))

  it("shows a URL without what may be a secret", () => {
    expect(baseUrlPolicy.shown("https://me:secret@example.com:8443/v1?key=secret#secret")).toBe("https://example.com:8443/v1")
    for (const plain of ["http://127.0.0.1:8080/v1", "no URL"]) expect(baseUrlPolicy.shown(plain)).toBe(plain)
  })
})
