import { expect, it } from "@effect/vitest"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { spool, start } from "./Watch.js"

it("examples/watched-inbox takes what lands in two folders, and knows a file that moved", async () => {
  const folder = mkdtempSync(join(tmpdir(), "watched-inbox-"))
  const inbox = (...parts: ReadonlyArray<string>) => join(folder, "inbox", ...parts)
  cpSync(fileURLToPath(new URL("../spool.yaml", import.meta.url)), join(folder, "spool.yaml"))
  mkdirSync(inbox("recordings"), { recursive: true })
  mkdirSync(inbox("clips"))
  const watcher = start(folder, "watch")
  try {
    await watcher.said(({ pipeline, type }) => type === "scanned" && pipeline === "clips")
    // As a browser or rsync would: the name is given when the content is whole.
    writeFileSync(inbox("recordings", "drums.wav.part"), SampleMedia.wav("drums", { seconds: 3 }))
    renameSync(inbox("recordings", "drums.wav.part"), inbox("recordings", "drums.wav"))
    writeFileSync(inbox("clips", "mute.avi"), SampleMedia.avi(undefined, { seconds: 1 }))
    for (const path of [inbox("recordings", "drums.wav"), inbox("clips", "mute.avi")])
      expect(await watcher.said((line) => line["type"] === "item" && line["path"] === path)).toMatchObject({ state: "done" })
    renameSync(inbox("recordings", "drums.wav"), inbox("recordings", "kit.wav"))
    const place = async () => (await spool(folder, "search", "beats")).lines[0]?.["path"]
    while ((await place()) !== inbox("recordings", "kit.wav"));
    expect((await spool(folder, "drain")).code).toBe(0)
    expect(await watcher.ended).toBe(0)
    const recordings = watcher.lines.find(({ pipeline, type }) => type === "summary" && pipeline === "recordings")
    // The renamed file was looked up, and nothing ran for it.
    expect(recordings).toMatchObject({ stages: { copy: { ran: 1 }, describe: { ran: 1 }, persist: { ran: 1 } } })
  } finally {
    watcher.child.kill("SIGKILL")
    await watcher.ended
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}, 300_000)
