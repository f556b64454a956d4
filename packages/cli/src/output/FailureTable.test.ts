import { describe, expect, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { failureTable } from "./FailureTable.js"

const failed = (path: string, message: string) => ({ path, node: "ingest", code: "NotMedia", message, help: "Remove it." })

describe("failureTable", () => {
  it("says once what to do, and names each file with its cause", () => {
    const text = failureTable([failed("/in/a.mp3", "it is text"), failed("/in/b.mp3", "it is a picture")], "spool ls")
    expect(stripVTControlCharacters(text)).toBe(
      ["NotMedia · 2 files", "  Remove it.", "    /in/a.mp3  ingest: it is text", "    /in/b.mp3  ingest: it is a picture"].join(
        "\n"
      )
    )
  })

  it("says once what several nodes met in one file", () => {
    const met = ["probe", "copy"].map((node) => ({ ...failed("/in/a.wav", "it is cut off"), node }))
    expect(stripVTControlCharacters(failureTable(met, "spool ls"))).toContain(
      "1 file\n  Remove it.\n    /in/a.wav  probe, copy: it is cut off"
    )
  })

  it("lets no name or cause write on the terminal", () => {
    const hostile = "/in/\u001b[2J\u202egnp.wav\nfake line"
    const text = stripVTControlCharacters(failureTable([failed(hostile, "cause\r\nNotMedia in ingest")], "spool ls"))
    expect(text.split("\n")).toHaveLength(3)
    expect(text).toContain("/in/\\u{1b}[2J\\u{202e}gnp.wav\\u{a}fake line  ingest: cause NotMedia in ingest")
  })

  it("counts what it doesn't name", () => {
    const many = Array.from({ length: 25 }, (_, i) => failed(`/in/${i}.mp3`, "it is text"))
    expect(stripVTControlCharacters(failureTable(many, "spool ls --state failed"))).toContain(
      "and 15 more: spool ls --state failed"
    )
  })
})
