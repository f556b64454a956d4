import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { FoundFile } from "./FoundFile.js"
import { Scanned } from "./Scanner.js"
import * as TakenByContent from "./TakenByContent.js"

const file = (path: string, byContent = false): FoundFile => ({
  path,
  relativePath: path.slice(1),
  dev: 1n,
  ino: 1n,
  size: 1n,
  mtimeNs: 1n,
  ctimeNs: 1n,
  status: "new",
  item: undefined,
  ...(byContent ? { byContent } : {})
})
const found = (...files: ReadonlyArray<FoundFile>) => Scanned.Found({ files })
const nothing = { files: 0, unchanged: 0, found: 0, refused: 0, ignored: 0, links: 0, folders: 0, known: 0, gone: 0 }
const finished = Scanned.Finished({ counts: nothing, root: { dev: 1n, ino: 1n }, doubt: undefined })

const make = () => {
  const said: Array<number | "scan"> = []
  const { handedOver, scanned } = TakenByContent.make(
    (files) => Effect.sync(() => void said.push(files)),
    Effect.sync(() => void said.push("scan"))
  )
  const pass = (told: Scanned) =>
    Effect.map(scanned(told), (passed) => (passed._tag === "Found" ? passed.files.map(({ path }) => path) : []))
  return { said, handedOver, pass }
}

describe("TakenByContent", () => {
  it.effect("counts them in the first scan, says how many there are, and lets the next one have them", () =>
    Effect.gen(function* () {
      const { handedOver, pass, said } = make()
      const memo = file("/memo", true)
      expect(yield* pass(found(file("/a.wav"), memo))).toEqual(["/a.wav"])
      expect(yield* pass(found(file("/talk", true)))).toEqual([])
      expect(said).toEqual([])
      yield* pass(finished)
      expect(said).toEqual([2, "scan"])
      expect(yield* pass(found(memo))).toEqual(["/memo"])
      yield* pass(finished)
      yield* handedOver([memo])
      expect(said).toEqual([2, "scan"])
    })
  )

  it.effect("says of those that land later how many there are before they are worked on", () =>
    Effect.gen(function* () {
      const { handedOver, pass, said } = make()
      yield* pass(found(file("/a.wav")))
      yield* pass(finished)
      expect(said).toEqual([])
      expect(yield* pass(found(file("/late", true)))).toEqual(["/late"])
      yield* handedOver([file("/late", true), file("/b.wav")])
      yield* handedOver([file("/c.wav")])
      expect(said).toEqual([1])
    })
  )

  it.effect("puts them behind all others of a run, and says how many there are in between", () =>
    Effect.gen(function* () {
      const scan = Stream.make(
        found(file("/a.wav"), file("/memo", true)),
        found(file("/talk", true)),
        Scanned.Unchanged({ count: 3 }),
        found(file("/b.wav")),
        finished
      )
      const order: Array<unknown> = []
      const tell = (files: number) => Effect.sync(() => void order.push(files))
      const heard = (told: Scanned) =>
        Effect.sync(() => void order.push(told._tag === "Found" ? told.files.map(({ path }) => path) : told._tag))
      yield* Stream.runForEach(TakenByContent.last(scan, scan, tell), heard)
      expect(order).toEqual([["/a.wav"], "Unchanged", ["/b.wav"], "Finished", 2, ["/memo"], ["/talk"]])

      order.length = 0
      yield* Stream.runForEach(TakenByContent.last(Stream.make(found(file("/a.wav"))), Stream.die("read again"), tell), heard)
      expect(order).toEqual([["/a.wav"]])
    })
  )
})
