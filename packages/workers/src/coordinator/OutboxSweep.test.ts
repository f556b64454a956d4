import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { deliveryPath } from "../files/Roots.js"
import { keep, sweep } from "./OutboxSweep.js"

describe("The outbox", () => {
  it.effect("loses deliveries that nobody took for a day, whole or half, and nothing else", () =>
    Effect.gen(function* () {
      const outbox = mkdtempSync(join(tmpdir(), "mediaspool-outbox-"))
      onTestFinished(() => rmSync(outbox, { recursive: true, force: true }))
      const now = Date.now()
      const put = (path: string, hours: number) => {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, "x")
        utimesSync(path, now / 1_000, (now - hours * 3_600_000) / 1_000)
        return path
      }
      const delivery = (letter: string) => deliveryPath(outbox, letter.repeat(43), "audio", "d-1", "mp3")
      const old = [put(delivery("a"), 30), put(`${delivery("b")}.part`, 30)]
      const others = [
        put(delivery("c"), 2),
        put(join(outbox, ".mediaspool", "aa", "notes.txt"), 30),
        put(join(outbox, "mine.mp3"), 30)
      ]
      expect(yield* sweep(outbox, now)).toBe(2)
      expect(old.filter(existsSync)).toEqual([])
      expect(others.filter(existsSync)).toEqual(others)
      expect(yield* sweep(join(outbox, "nowhere"), now)).toBe(0)
    })
  )

  it.scoped("is made where it isn't there, and told at once where it can't be", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "mediaspool-outbox-"))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      yield* keep(join(folder, "share", "outbox"))
      expect(existsSync(join(folder, "share", "outbox"))).toBe(true)
      writeFileSync(join(folder, "file"), "x")
      expect(yield* Effect.flip(keep(join(folder, "file")))).toMatchObject({
        code: "OutboxUnusable",
        message: expect.stringContaining("workers.outbox: ")
      })
    })
  )
})
