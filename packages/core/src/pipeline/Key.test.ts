import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Schema } from "effect"
import * as Failure from "../stage/Failure.js"
import { SourceFile } from "../stage/FileRef.js"
import * as Field from "../stage/Field.js"
import type { Json } from "../stage/Json.js"
import { all, maybe } from "../stage/Port.js"
import * as Stage from "../stage/Stage.js"
import * as Canonical from "./Canonical.js"
import { sha256 } from "./Digest.js"
import * as Key from "./Key.js"

class Sum extends Schema.TaggedClass<Sum>()("Sum", { total: Schema.Number }) {}
class Never extends Failure.Class<Never>()("Never", { Never: { retry: "never", help: "" } }) {}
const stage = (more: { name?: string; version?: number } = {}) =>
  Stage.make({
    name: "sum",
    version: 1,
    summary: "Adds",
    input: { file: SourceFile, extra: maybe(Sum), "a-rest": all(Sum) },
    output: Sum,
    config: Schema.Struct({ by: Field.withDefault(Schema.Number, 1, "Factor") }),
    error: Never,
    run: () => Effect.succeed(new Sum({ total: 0 })),
    ...more
  })

const digest = sha256("a file")
const key = (
  inputs: Readonly<Record<string, Key.Given>> = { file: digest, "a-rest": [{ node: "one", digest }] },
  node: { stage?: Stage.AnyStage; identity?: Json } = {},
  keyParts: { readonly [key: string]: Json } = {}
) => Key.of(Either.getOrThrow(Key.prefix({ stage: stage(), identity: {}, ...node }, keyParts)), inputs)

describe("Key", () => {
  it("is the hash of its preimage, which is RFC 8785 JSON", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.dictionary(fc.string(), fc.integer()),
        fc.boolean(),
        fc.boolean(),
        (config, keyParts, one, two) => {
          const identity: Json = JSON.parse(JSON.stringify(config))
          const prefix = Either.getOrThrow(Key.prefix({ stage: stage(), identity }, keyParts))
          const inputs = {
            file: digest,
            extra: one ? digest : undefined,
            "a-rest": two
              ? [
                  { node: "x", digest },
                  { node: "y-2", digest }
                ]
              : []
          }
          const text = Key.preimage(prefix, inputs)
          expect(text).toBe(
            Either.getOrThrow(Canonical.stringify({ stage: "sum", version: 1, config: identity, extras: keyParts, inputs }))
          )
          expect(Key.of(prefix, inputs)).toBe(sha256(text))
        }
      )
    )
  })

  it("changes with everything that the result depends on", () => {
    const other = sha256("another file")
    const keys = [
      key(),
      key({ file: other, "a-rest": [{ node: "one", digest }] }),
      key({ file: digest, extra: digest, "a-rest": [{ node: "one", digest }] }),
      key({ file: digest, "a-rest": [] }),
      key({ file: digest, "a-rest": [{ node: "two", digest }] }),
      key({ file: digest, "a-rest": [{ node: "one", digest: other }] }),
      key(undefined, { identity: { by: 2 } }),
      key(undefined, { stage: stage({ version: 2 }) }),
      key(undefined, { stage: stage({ name: "add" }) }),
      key(undefined, {}, { model: "m" })
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it("refuses keyParts that JSON can't hold", () => {
    expect(Either.isLeft(Key.prefix({ stage: stage(), identity: {} }, { temperature: NaN }))).toBe(true)
  })

  it("stays what it was", () => {
    expect({
      plain: key(),
      config: key(undefined, { identity: { by: 2 } }),
      extras: key(undefined, {}, { model: "m" })
    }).toMatchInlineSnapshot(`
      {
        "config": "g9ELqIbts1xXHyYaE23DDW2nt9F388yYHOUZRRohj-0",
        "extras": "4yo6-6AUaiz416abmVkJHelTK1EqgcO8Ksn_CP5ZT90",
        "plain": "ib0yKzg1zsa94msWxHHaXCwc5n0wYIJZa2Ov0O5_3JY",
      }
    `)
  })
})
