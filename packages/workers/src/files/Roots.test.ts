import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import fc from "fast-check"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve, sep } from "node:path"
import { onTestFinished } from "vitest"
import { locate, open, shared } from "./Roots.js"

const here = new Map([
  ["nas", "/mnt/nas"],
  ["music", "/mnt/nas/music"]
])
const there = new Map([
  ["nas", "/Volumes/nas"],
  ["music", "/srv/music"]
])

describe("Roots", () => {
  it("name a file by the innermost root that holds it", () => {
    expect(shared(here, "/mnt/nas/a/b.wav")).toEqual({ root: "nas", path: "a/b.wav" })
    expect(shared(here, "/mnt/nas/music/b.wav")).toEqual({ root: "music", path: "b.wav" })
    expect(shared(here, "/mnt/nas2/b.wav")).toBeUndefined()
    expect(shared(here, "/mnt/nas")).toBeUndefined()
  })

  it("find it where the share is mounted on another machine", () => {
    expect(locate(there, { root: "nas", path: "a/b.wav" })).toEqual(Either.right("/Volumes/nas/a/b.wav"))
    expect(locate(there, { root: "music", path: "b.wav" })).toEqual(Either.right("/srv/music/b.wav"))
  })

  it("are the same path everywhere where none is named", () => {
    expect(shared(new Map(), "/data/a.wav")).toEqual({ root: "", path: "/data/a.wav" })
    expect(locate(new Map(), { root: "", path: "/data/a.wav" })).toEqual(Either.right("/data/a.wav"))
  })

  it.each([
    { root: "nas", path: "../secret" },
    { root: "nas", path: "a/../../secret" },
    { root: "nas", path: "/etc/hostname" },
    { root: "nas", path: "a\0b" },
    { root: "other", path: "a.wav" },
    { root: "", path: "/etc/hostname" }
  ])("refuse $root:$path", (place) => {
    expect(locate(there, place)).toMatchObject({ left: { code: "JobRefused" } })
  })

  it("never lead out of the root, whatever a job names", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom("..", ".", "", "a", "b.wav"), fc.string()), { maxLength: 6 }), (segments) => {
        const found = locate(there, { root: "nas", path: segments.join("/") })
        if (Either.isRight(found)) expect(found.right.startsWith(`/Volumes/nas${sep}`)).toBe(true)
      })
    )
  })

  it("give back every file that they name", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (segments) => {
        const path = resolve("/mnt/nas", segments.map((segment) => segment.replaceAll(/[\0/]/g, "_")).join("/"))
        const place = shared(new Map([["nas", "/mnt/nas"]]), path)
        if (place === undefined) return
        expect(locate(new Map([["nas", "/mnt/nas"]]), place)).toEqual(Either.right(path))
      })
    )
  })

  it.effect("don't follow a link that leads out", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "mediaspool-roots-"))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      mkdirSync(join(folder, "share"))
      writeFileSync(join(folder, "secret.wav"), "secret")
      writeFileSync(join(folder, "share", "a.wav"), "sound")
      symlinkSync(join(folder, "secret.wav"), join(folder, "share", "link.wav"))
      const roots = new Map([["nas", join(folder, "share")]])
      expect(yield* open(roots, { root: "nas", path: "a.wav" })).toBe(join(folder, "share", "a.wav"))
      expect(yield* Effect.flip(open(roots, { root: "nas", path: "link.wav" }))).toMatchObject({ code: "JobRefused" })
      expect(yield* Effect.flip(open(roots, { root: "nas", path: "none.wav" }))).toMatchObject({ code: "FileDiffers" })
    })
  )
})
