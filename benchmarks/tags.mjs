// Captions written into the files themselves: `spool write-tags --yes` over clips, in the time of a loop that copies each file, reads
// both once, fsyncs and renames. Both by the clock, the command without its start; rounds alternate, and each is undone.
//   node benchmarks/tags.mjs [files] [rounds]
import { spawnSync } from "node:child_process"
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"

const Sqlite = createRequire(new URL("../packages/core/package.json", import.meta.url))("better-sqlite3")
const spool = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))

/** A clip of three seconds, each of another level. */
const clip = (n) => {
  const samples = new Int16Array(3 * 16_000).map((_, i) => Math.round(Math.sin(i / 20) * (1_000 + n)))
  const head = Buffer.alloc(44)
  head.write("RIFF", 0)
  head.writeUInt32LE(36 + samples.byteLength, 4)
  head.write("WAVEfmt ", 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(16_000, 24)
  head.writeUInt32LE(32_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write("data", 36)
  head.writeUInt32LE(samples.byteLength, 40)
  return Buffer.concat([head, Buffer.from(samples.buffer)])
}

/** What has to be done at least: by a program of its own, as the command is one. */
const loop = (folder) => {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const part = join(folder, `.${name}.part`)
    copyFileSync(file, part)
    readFileSync(file)
    readFileSync(part)
    const handle = openSync(part, "r+")
    fsyncSync(handle)
    closeSync(handle)
    renameSync(part, file)
  }
}

const [mode, ...rest] = process.argv.slice(2)
if (mode === "loop") {
  loop(rest[0])
  process.exit(0)
}
const [files = 1_000, rounds = 3] = process.argv.slice(2).map(Number)
const home = mkdtempSync(join(tmpdir(), "mediaspool-tags-"))
const folder = join(home, "in")

const seconds = (...args) => {
  const began = performance.now()
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: home, encoding: "utf8", maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(stderr)
  return { seconds: (performance.now() - began) / 1000, stdout }
}

try {
  mkdirSync(folder)
  for (let n = 0; n < files; n++) writeFileSync(join(folder, `clip ${n}.wav`), clip(n))
  writeFileSync(join(home, "spool.yaml"), "pipelines: { sounds: { source: { folder: ./in }, stages: { persist: {} } } }\n")
  seconds(spool, "run")
  const database = new Sqlite(join(home, ".spool", "spool.db"))
  database.exec(
    `INSERT INTO caption (media_id, pipeline, node, kind, text, model, provider)
     SELECT id, 'sounds', 'caption', 'Caption', 'A tone that is like a thousand others, number ' || id || '.', 'm', 'x' FROM media`
  )
  database.close()
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const start = seconds(spool, "write-tags", "name:nothing", "--yes", "--json").seconds
    const peer = seconds(fileURLToPath(import.meta.url), "loop", folder).seconds
    // The loop gave the files other inodes: the library has to look at them first.
    seconds(spool, "run")
    const written = seconds(spool, "write-tags", "", "--yes", "--json")
    const summary = JSON.parse(written.stdout.trim().split("\n").at(-1))
    if (summary.written !== files) throw new Error(written.stdout.slice(-500))
    ratios.push({ own: written.seconds - start, peer })
    seconds(spool, "write-tags", "--undo", "--json")
    seconds(spool, "run")
  }
  const met = figure({
    name: `tags written into ${files} files, in the time of a loop that copies, reads both, fsyncs and renames`,
    ratio: median(ratios.map(({ own, peer }) => own / peer)),
    atMost: 3,
    detail: ratios.map(({ own, peer }) => `${own.toFixed(1)} s and ${peer.toFixed(1)} s`).join("; ")
  })
  process.exitCode = met ? 0 : 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
