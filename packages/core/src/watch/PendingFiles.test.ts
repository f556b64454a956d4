import { describe, expect, it } from "@effect/vitest"
import type { FoundFile, FoundStatus } from "../scan/FoundFile.js"
import { SourceError } from "../scan/SourceError.js"
import * as PendingFiles from "./PendingFiles.js"

const file = (path: string, size: number, status: FoundStatus = "new", item?: number): FoundFile => ({
  path: `/in/${path}`,
  relativePath: path,
  dev: 1n,
  ino: 1n,
  size: BigInt(size),
  mtimeNs: 0n,
  ctimeNs: 0n,
  status,
  item
})
const paths = (files: ReadonlyArray<FoundFile>) => files.map(({ relativePath }) => relativePath)
const never = () => false

describe("Inbox", () => {
  it("hands a settled file over once, and again when it has changed", () => {
    const inbox = PendingFiles.make(10n, never)
    inbox.take([file("a", 1), file("b", 1)], 0n, 1n)
    expect(inbox.ready(9)).toEqual([])
    expect(inbox.next()).toBe(11n)
    inbox.take([file("a", 1), file("b", 2)], 11n, 12n)
    expect(paths(inbox.ready(9))).toEqual(["a"])
    inbox.take([file("a", 1)], 30n, 31n)
    inbox.take([file("a", 1)], 60n, 61n)
    expect(inbox.ready(9)).toEqual([])
    inbox.take([file("a", 2)], 70n, 71n)
    inbox.take([file("a", 2)], 81n, 82n)
    expect(paths(inbox.ready(9))).toEqual(["a"])
  })

  it("needs no second look at what had settled before", () => {
    const inbox = PendingFiles.make(10n, never)
    inbox.take([file("a", 1, "unfinished", 7)], 0n, 1n)
    expect(paths(inbox.ready(9))).toEqual(["a"])
  })

  it("offers a failed file again when it changed, or when the table no longer says that it failed", () => {
    let hasFailed = true
    const inbox = PendingFiles.make(0n, () => hasFailed)
    const fail = () => inbox.ready(9).forEach(({ path }) => inbox.ended(7, path, "failed"))
    inbox.take([file("a", 1)], 0n, 0n)
    fail()
    inbox.take([file("a", 1, "unfinished", 7)], 1n, 1n)
    expect(inbox.ready(9)).toEqual([])
    inbox.take([file("a", 2, "changed", 7)], 2n, 2n)
    fail()
    hasFailed = false
    inbox.take([file("a", 2, "unfinished", 7)], 3n, 3n)
    expect(paths(inbox.ready(9))).toEqual(["a"])
  })

  it("tries a few of those that wait, and all once one did better", () => {
    const inbox = PendingFiles.make(0n, never)
    const all = Array.from({ length: 20 }, (_, i) => file(String(i), 1))
    inbox.take(all, 0n, 0n)
    for (const { path } of inbox.ready(99)) inbox.ended(1, path, "waiting")
    inbox.take(all, 1n, 1n)
    expect(inbox.ready(99)).toEqual([])
    const some = inbox.retry()
    expect(some.length).toBeLessThan(20)
    inbox.ended(1, some[0] ?? "", "done")
    expect(inbox.retry().length).toBe(20 - some.length)
    expect(inbox.retry()).toEqual([])
  })

  it("tells of a refusal once, until the entry is something else", () => {
    const inbox = PendingFiles.make(0n, never)
    const refusal = {
      path: "/in/a",
      relativePath: "a",
      error: new SourceError({ code: "SpecialFile", detail: "it is a named pipe" })
    }
    inbox.refuse([refusal])
    inbox.refuse([refusal])
    expect(inbox.refused().length).toBe(1)
    inbox.refuse([refusal])
    expect(inbox.refused()).toEqual([])
    inbox.forget("/in/a")
    inbox.refuse([refusal])
    expect(inbox.refused().length).toBe(1)
  })

  it("holds no more than fits in memory, and says that it let something go when there is room again", () => {
    const inbox = PendingFiles.make(1_000n, never)
    const crowd = Array.from({ length: 50_001 }, (_, i) => file(String(i), 1))
    inbox.take(crowd, 0n, 0n)
    expect(inbox.isFull()).toBe(true)
    expect(inbox.hasMissed()).toBe(false)
    inbox.take(crowd.slice(0, 45_000), 1_000n, 1_000n)
    while (inbox.ready(1_000).length > 0);
    expect(inbox.isFull()).toBe(false)
    expect(inbox.hasMissed()).toBe(true)
    expect(inbox.hasMissed()).toBe(false)
  })
})
