import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { parse } from "yaml"
import { firstConfig } from "./FirstConfig.js"

describe("firstConfig", () => {
  it("names any folder so that YAML gives it back", () => {
    const folder = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(".", "~/Music", "a: b", "# x", "- y", "'", '"', "null", "1.5", "true")
    )
    fc.assert(
      fc.property(folder, fc.boolean(), (name, captions) => {
        expect(parse(firstConfig(name, "# first", captions)).pipelines.sounds.source.folder).toBe(name)
      })
    )
  })
})
