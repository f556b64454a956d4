import { describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const Bom = Schema.parseJson(
  Schema.Struct({
    bomFormat: Schema.Literal("CycloneDX"),
    components: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        version: Schema.String,
        purl: Schema.String,
        hashes: Schema.optional(Schema.Array(Schema.Struct({ alg: Schema.String, content: Schema.String }))),
        licenses: Schema.optional(
          Schema.Array(
            Schema.Union(
              Schema.Struct({ expression: Schema.String }),
              Schema.Struct({ license: Schema.Struct({ id: Schema.String }) })
            )
          )
        ),
        properties: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.String })))
      })
    )
  })
)

/** Licences that ask for nothing but to be named. */
const permissive = new Set([
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0"
])

/** Packages under another licence, taken as they are and from a registry of their own, so that anybody can put another version there. */
const unchanged: Readonly<Record<string, string>> = {
  mediabunny: "MPL-2.0",
  "node-taglib-sharp": "LGPL-2.1-or-later"
}

const isFree = (licence: string): boolean =>
  licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((one) => permissive.has(one))

describe("What is shipped", () => {
  it("has a list with digests, and licences that fit MIT", { timeout: 60_000 }, ({ expect }) => {
    const script = fileURLToPath(new URL("../../../scripts/sbom.mjs", import.meta.url))
    const { components } = Schema.decodeUnknownSync(Bom)(execFileSync(process.execPath, [script], { encoding: "utf8" }))
    const names = components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(["effect", "better-sqlite3", "node-av", "openai", "bullmq", "solid-js"]))
    expect(names).not.toContain("vitest")
    expect(components.filter(({ hashes }) => hashes?.[0]?.alg !== "SHA-512").map(({ purl }) => purl)).toEqual([])
    const unclear = components.filter(({ licenses, name, properties }) => {
      const [licence] = licenses ?? []
      // Not installed here: a program for another platform, beside the one for this one.
      if (licence === undefined) return properties?.some(({ name }) => name === "mediaspool:platform") !== true
      const said = "expression" in licence ? licence.expression : licence.license.id
      return !isFree(said) && unchanged[name] !== said
    })
    expect(unclear.map(({ licenses, purl }) => `${purl} ${JSON.stringify(licenses)}`)).toEqual([])
  })
})
