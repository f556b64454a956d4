import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as RawPath from "./RawPath.js"

describe("RawPath", () => {
  it.prop("keeps every byte", [fc.uint8Array({ maxLength: 64 })], ([bytes]) => {
    expect(RawPath.toBytes(RawPath.fromBytes(bytes))).toEqual(Buffer.from(bytes))
  })

  it("leaves valid UTF-8 as it is", () => {
    const name = "Größe 録音 🎧\ufeff"
    expect(RawPath.fromBytes(Buffer.from(name))).toBe(name)
    expect(RawPath.isText(name)).toBe(true)
  })

  it("hands names that are no text to Node as bytes", () => {
    const path = RawPath.fromBytes(Buffer.from([0x61, 0xff, 0x62]))
    expect(RawPath.isText(path)).toBe(false)
    expect(RawPath.forNode(path)).toEqual(Buffer.from([0x61, 0xff, 0x62]))
  })

  it("escapes what would deceive a reader", () => {
    expect(RawPath.display("a\n\u202egpj.wav")).toBe("a\\u{a}\\u{202e}gpj.wav")
  })
})
