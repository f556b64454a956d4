import { describe, expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import Sqlite from "better-sqlite3"
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder, type Said, spool, values } from "./Spool.js"

const summaryOf = (said: Said) => values(said).at(-1) ?? {}
const ofType = (said: Said, type: string) => values(said).filter((value) => value["type"] === type)

/** Nodes that did something in a run. */
const ran = (said: Said): ReadonlyArray<string> =>
  Object.entries(summaryOf(said)["stages"] ?? {}).flatMap(([node, { ran }]) => (ran > 0 ? [node] : []))

describe("a folder of media", () => {
  it("becomes a library that can be listed, searched, shown and read with SQLite", { timeout: 120_000 }, async () => {
    const home = folder({
      "in/chords.wav": SampleMedia.wav("chords", { seconds: 2 }),
      "in/drums.wav": SampleMedia.wav("drums", { seconds: 2 }),
      "in/silent.avi": SampleMedia.avi(undefined, { seconds: 1 }),
      "in/text.mp3": "this is a text, whatever its name says",
      "in/README": "this is one that says so",
      "in/cover.jpg": "nobody opens it"
    })
    const at = (name: string) => join(home, "in", name)

    expect(await spool(home, "init", "in")).toMatchObject({ code: 0 })
    const first = await spool(home, "run", "--json")
    expect(first.code).toBe(1)
    expect(summaryOf(first)).toMatchObject({
      type: "summary",
      pipeline: "sounds",
      items: { total: 4, done: 3, failed: 1, waiting: 0 },
      ignored: { picture: 1, text: 1 },
      stages: { ingest: { ran: 3, cached: 0, skipped: 0, failed: 1, waiting: 0 }, copy: { ran: 2, skipped: 1 } },
      cost: {}
    })
    expect(ofType(first, "failure")).toMatchObject([{ path: at("text.mp3"), node: "ingest", code: "NotMedia" }])
    expect(first.stderr).toContain("NotMedia · 1 file")
    expect(first.stderr).toContain("Ignored, no media: 1 picture, 1 text file.")
    expect(ofType(first, "warning")).toEqual([])

    const listed = await spool(home, "ls", "--json")
    expect(values(listed).map(({ path, standings }) => [path, standings])).toEqual(
      ["chords.wav", "drums.wav", "silent.avi", "text.mp3"].map((name) => [
        at(name),
        [{ pipeline: "sounds", state: name === "text.mp3" ? "failed" : "done" }]
      ])
    )
    const failed = await spool(home, "ls", "--status", "failed")
    expect(failed.stdout).toContain("in/text.mp3")
    expect(failed.stdout).not.toContain("chords")

    const ignored = await spool(home, "ls", "--state", "ignored", "--json")
    expect(values(ignored).map(({ path, reason }) => [path, reason])).toEqual([
      [at("README"), "text"],
      [at("cover.jpg"), "picture"]
    ])

    const found = await spool(home, "search", "drums", "--json")
    expect(ofType(found, "found")).toMatchObject([{ path: at("drums.wav") }])
    expect(summaryOf(found)).toEqual({ type: "summary", total: 1, shown: 1 })
    expect((await spool(home, "search", "name:chords", "-drums")).stdout).toContain("1 file found.")
    expect(await spool(home, "search", "duration:long")).toMatchObject({ code: 2 })

    // A query means the same in every command, and so do those that the config saves.
    writeFileSync(at("../spool.yaml"), `queries: { short: "duration:<1.5" }\n${readFileSync(at("../spool.yaml"), "utf8")}`)
    const lists = async (...query: ReadonlyArray<string>) =>
      values(await spool(home, "ls", ...query, "--json")).map(({ path }) => String(path).split("/").at(-1))
    expect(await lists("saved:short")).toEqual(["silent.avi"])
    expect(await lists("missing:audio", "-failed:yes")).toEqual(["silent.avi"])
    expect(await lists("has:caption", "sort:-path")).toEqual(["drums.wav", "chords.wav"])
    expect(await lists("failed:NotMedia")).toEqual(["text.mp3"])
    const typo = await spool(home, "ls", "failde:NotMedia")
    expect(typo.code).toBe(2)
    expect(typo.stderr).toContain("did you mean failed:?\n  failde:NotMedia\n  ^^^^^^")
    for (const [command, option, name] of [
      ["ls", "--pipeline", "sonds"],
      ["errors", "--pipeline", "sonds"],
      ["errors", "--stage", "porbe"],
      ["requeue", "--stage", "porbe"]
    ] as const)
      expect((await spool(home, command, option, name)).stdout).toMatch(new RegExp(`No .* named '${name}' has run here: there `))
    expect((await spool(home, "status", "sonds")).stdout).toContain("there is 'sounds'.")
    const node = await spool(home, "ls", "stage:porbe")
    expect(node.stdout + node.stderr).toContain("No pipeline has a node or stage 'porbe'. Did you mean 'probe'?")
    // What every file lacks because nothing has that name is told too; what a kind or label is called isn't one.
    for (const command of ["ls", "search"])
      expect((await spool(home, command, "missing:embeding")).stderr).toMatch(/No pipeline has .* 'embeding'\. There are .*probe/)
    expect((await spool(home, "ls", "missing:Vector")).stderr).toBe("")
    expect(await spool(home, "ls", "--limit", "-1")).toMatchObject({ code: 2 })
    expect((await spool(home, "ls", "--limit", "1", "--json")).stdout.trim().split("\n")).toHaveLength(1)
    expect((await spool(home, "requeue", "name:drums")).stdout).toContain("No matching failures.")
    expect((await spool(home, "requeue", "in/drums.wav")).stdout).toContain("Nothing failed or waits there.")
    expect((await spool(home, "requeue", "in/text.mp3")).stdout).toContain("1 file will be retried")
    expect((await spool(home, "errors", "--code", "NotMdeia")).stdout).toBe("No matching failures.\n")
    expect((await spool(home, "forget", "--undo", "in/drums.wav")).stdout).toContain("was not forgotten")
    for (const path of ["in/nowhere.mp3", "nowhere.mp3"]) {
      const { code, stderr } = await spool(home, "requeue", path)
      expect([code, stderr.includes("knows no file")]).toEqual([1, true])
    }
    expect((await spool(home, "requeue", "failed:NotMedia", "missing:caption")).stdout).toContain("1 file will be retried")

    const [shown] = values(await spool(home, "show", "drums.wav", "--json"))
    expect(shown).toMatchObject({ items: [{ path: at("drums.wav") }], entry: { media: { media_type: "audio/wav" } } })
    // Each file that a step made, with its place in the result.
    expect(shown?.["artifacts"]).toMatchObject([
      { node: "copy", field: "$.file", path: expect.stringMatching(/^\/.*\.mp3$/) },
      { node: "waveform", field: "$.image", path: expect.stringMatching(/^\/.*\.png$/) }
    ])
    const { stdout: details } = await spool(home, "show", "in/drums.wav")
    expect(details).toMatch(/\n {2}AudioFile {2}sounds\/copy\n.*\n {4}file {2}\.spool\/artifacts\/\S+\.mp3 \([\d.]+ K?B\)\n/)
    expect(details).toMatch(/\n {2}Waveform {2}sounds\/waveform\n.*\n {4}image {2}\.spool\/artifacts\/\S+\.png \([\d.]+ K?B\)\n/)
    expect((await spool(home, "show", "in/text.mp3")).stdout).toContain("NotMedia in ingest")
    expect(await spool(home, "show", "nothing.wav")).toMatchObject({ code: 1, stdout: "" })

    const database = new Sqlite(join(home, ".spool/spool.db"), { readonly: true })
    expect(database.prepare("SELECT count(DISTINCT media_id) FROM caption").pluck().get()).toBe(2)
    database.close()

    // A file that only its content tells is counted before it is worked on, in case it costs something.
    copyFileSync(at("drums.wav"), at("field recording"))
    const again = await spool(home, "run", "--json")
    expect(again.code).toBe(1)
    expect(ran(again)).toEqual([])
    expect(summaryOf(again)["items"]).toEqual({ total: 5, done: 4, failed: 1, waiting: 0 })
    expect(ofType(again, "warning")).toMatchObject([{ code: "TakenByContent", files: 1 }])

    renameSync(at("chords.wav"), at("renamed.wav"))
    expect(ran(await spool(home, "run", "--json"))).toEqual([])
    expect((await spool(home, "search", "name:renamed")).stdout).toContain("in/renamed.wav")

    const config = join(home, "spool.yaml")
    writeFileSync(config, readFileSync(config, "utf8").replace("waveform: {}", "waveform: { with: { width: 300 } }"))
    expect(ran(await spool(home, "run", "--json"))).toEqual(["waveform", "persist"])
    expect(ran(await spool(home, "run", "sounds", "in/drums.wav", "--rerun", "describe", "--json"))).toContain("describe")
  })

  it("has all of many recordings whose names don't tell what they are, after the first run", { timeout: 60_000 }, async () => {
    // More than a scan tells in one piece.
    const recording = SampleMedia.wav("tone", { seconds: 0.1, sampleRate: 8_000 })
    const names = Array.from({ length: 1_100 }, (_, i) => `in/session ${i % 7}/take ${i}`)
    const home = folder({
      "spool.yaml": "pipelines: { takes: { source: { folder: ./in }, stages: { probe: {} } } }",
      ...Object.fromEntries(names.map((name) => [name, recording]))
    })
    const run = await spool(home, "run", "--json")
    expect(ofType(run, "warning")).toMatchObject([{ code: "TakenByContent", files: names.length }])
    expect(summaryOf(run)).toMatchObject({
      items: { total: names.length, done: names.length },
      stages: { probe: { ran: 1, cached: names.length - 1 } }
    })
  })

  it("is none of a list's business before anything has run", async () => {
    const home = folder()
    expect(await spool(home, "ls")).toMatchObject({ code: 78, stdout: "" })
    await spool(home, "init")
    for (const command of [["ls"], ["search", "x"], ["show", "x"]])
      expect(await spool(home, ...command)).toMatchObject({ code: 0, stdout: "" })
    expect(existsSync(join(home, ".spool"))).toBe(false)
  })

  it("lets no name of a file write on the terminal, and keeps the JSON one value a line", { timeout: 60_000 }, async () => {
    const names = [
      "new\nline.wav",
      "\u001b[2Jclear.wav",
      "right\u202eleft.wav",
      "-rf.wav",
      "%d.wav",
      'it\'s "quoted".wav',
      "a:b.wav"
    ]
    const tone = SampleMedia.wav("tone", { seconds: 0.5 })
    const home = folder(Object.fromEntries(names.map((name) => [`in/${name}`, tone])))
    await spool(home, "init", "in")
    expect(await spool(home, "run")).toMatchObject({ code: 0 })
    expect(values(await spool(home, "ls", "--json")).map(({ path }) => path)).toEqual(
      names.map((name) => join(home, "in", name)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    )
    const { stdout } = await spool(home, "ls")
    expect(stdout.split("\n").filter((line) => line.includes(".wav"))).toHaveLength(names.length)
    expect(stdout).not.toMatch(/[\u001b\u202e]/)
  })
})
