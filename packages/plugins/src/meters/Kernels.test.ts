import { describe, expect, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { source } from "./meters.wasm.js"

describe("Kernels", () => {
  it("are those of the sources: `npm run kernels` compiles them", () => {
    const folder = new URL("../../assembly/", import.meta.url)
    const written = createHash("sha256")
    for (const name of readdirSync(folder).sort()) written.update(readFileSync(new URL(name, folder)))
    expect(source).toBe(written.digest("hex"))
  })
})
