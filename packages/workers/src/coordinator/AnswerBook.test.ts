import { describe, expect, it } from "@effect/vitest"
import type { StageReply } from "../protocol/StageReply.js"
import { AnswerBook } from "./AnswerBook.js"

const reply: StageReply = { _tag: "Done", output: 1, files: [], madeWith: [] }

describe("Messages with answers", () => {
  it("go from the server when all their answers were taken, and not before", () => {
    const book = new AnswerBook()
    book.open("1-0", 2)
    book.open("2-0", 0)
    expect(book.removable()).toEqual(["2-0"])
    book.take("1-0")
    expect(book.removable()).toEqual([])
    book.take("1-0")
    expect(book.removable()).toEqual(["1-0"])
    expect(book.removable()).toEqual([])
  })

  it("are opened once, also when the server is read from its beginning again", () => {
    const book = new AnswerBook()
    book.open("1-0", 1)
    expect([book.isOpen("1-0"), book.isOpen("2-0")]).toEqual([true, false])
    book.take("1-0")
    expect(book.isOpen("1-0")).toBe(true)
  })

  it("keep what came before it was asked for, once, and not without end", () => {
    const book = new AnswerBook()
    for (let n = 0; n <= 5_000; n++) book.keep(`job-${n}`, { reply, message: `${n}-0` })
    expect(book.claim("job-0")).toBeUndefined()
    expect(book.claim("job-1")).toEqual({ reply, message: "1-0" })
    expect(book.claim("job-1")).toBeUndefined()
  })
})
