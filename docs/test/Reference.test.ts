import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { failures } from "../generate/errors.mjs"

const root = fileURLToPath(new URL("../../", import.meta.url))

describe("docs/reference", () => {
  it("says what the code says; `npm run reference` writes it anew", { timeout: 120_000 }, () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/reference.mjs", "--check"], { cwd: root, encoding: "utf8" })
    expect(stderr).toBe("")
    expect(status).toBe(0)
  })

  it("has every failure code once, each with a help", async () => {
    const codes = (await failures()).flatMap(({ reasons, tag }) => Object.keys(reasons).map((code) => ({ code, tag })))
    const twice = codes.filter(({ code }, n) => codes.findIndex((other) => other.code === code) !== n)
    expect(codes.length).toBeGreaterThan(20)
    expect(twice).toEqual([])
  })
})
