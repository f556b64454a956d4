import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Sse from "./Sse.js"

const read = (...parts: ReadonlyArray<Uint8Array>): ReadonlyArray<Sse.Frame> => {
  const parser = Sse.parser()
  return parts.flatMap((part) => parser.push(part))
}

const frame = 'id:1\nevent:result\n:HTTP_STATUS/200\ndata:{"a":"ü€😀"}\n\n'

/** The bytes in parts of these sizes, over and over. */
const cut = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1
    parts.push(bytes.subarray(at, at + size))
    at += size
  }
  return parts
}

describe("Sse", () => {
  it("reads events, comments and data of several lines, whatever ends a line", () => {
    const text = `${frame}data: one\r\ndata: two\r\n\r\n: just a comment\n\nevent: e\rdata:x\r\rdata\n\ndata:cut of`
    expect(read(Buffer.from(text))).toEqual([
      { event: "result", data: '{"a":"ü€😀"}', comments: ["HTTP_STATUS/200"] },
      { event: undefined, data: "one\ntwo", comments: [] },
      { event: "e", data: "x", comments: [] },
      { event: undefined, data: "", comments: [] }
    ])
  })

  it("reads the same at every place where the network may cut", () => {
    const bytes = Buffer.from(`\uFEFF${frame.replaceAll("\n", "\r\n")}${frame.replaceAll("\n", "\r")}${frame}`)
    const whole = read(bytes)
    expect(whole).toHaveLength(3)
    for (let at = 0; at <= bytes.length; at++) expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
  })

  it.prop(
    "doesn't care how often the network cuts, and never fails",
    [
      fc.array(fc.oneof(fc.constantFrom("data:", "data: x", ":c", "event: e", "\n", "\r\n", "\r", "\n\n", "ü"), fc.string()), {
        maxLength: 30
      }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 })
    ],
    ([pieces, sizes]) => {
      const bytes = Buffer.from(pieces.join(""))
      expect(read(...cut(bytes, sizes))).toEqual(read(bytes))
    }
  )
})
