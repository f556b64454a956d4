// A pipeline of 60 nodes: `spool check` of the file against `node -e 0` (25 of those are the second that it may take where Node starts in
// 40 ms), and the type check of the same chain in the builder against two seconds.
//   node benchmarks/planning.mjs [rounds]
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { figure, median } from "./Figure.mjs"

const rounds = Number(process.argv[2] ?? 5)
const pairs = Array.from({ length: 29 }, (_, i) => i)

const yaml = `pipelines:
  long:
    source: { folder: ./inbox }
    stages:
      probe: {}
${pairs.map((i) => `      copy-${i}: { use: transcode, with: { format: mp3, sampleRate: 16000 } }\n      tags-${i}: { use: omni-tags, from: { audio: copy-${i} }, with: { provider: dashscope-intl, vocabulary: emotion } }\n`).join("")}      persist: {}
`

const chain = `import { Pipeline } from "@mediaspool/core"
import { omniTags, persist, probe, transcode } from "@mediaspool/plugins"
export const long = Pipeline.make("long", { source: { folder: "./inbox" } })
  .add("probe", probe)
${pairs.map((i) => `  .add("copy-${i}", transcode, { with: { format: "mp3", sampleRate: 16000 } })\n  .add("tags-${i}", omniTags, { from: { audio: "copy-${i}" }, with: { provider: "dashscope-intl", vocabulary: "emotion" } })\n`).join("")}  .add("persist", persist)
`
/** What the chain needs anyway: the types of the stages. */
const head = `import { Pipeline } from "@mediaspool/core"
import { omniTags, persist, probe, transcode } from "@mediaspool/plugins"
export const short = Pipeline.make("short").add("probe", probe).add("copy", transcode, { with: { format: "mp3" } }).add("tags", omniTags, { with: { provider: "x", vocabulary: "emotion" } }).add("persist", persist)
`

const seconds = (work) => {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}

/** What this process works, whoever else is busy on the machine. */
const cpuSeconds = (work) => {
  const before = process.cpuUsage()
  work()
  return process.cpuUsage(before).user / 1_000_000
}

/** Seconds that the checker takes for the chain, once it knows the stages. */
const checkChain = () => {
  const texts = new Map(
    [
      ["short.ts", head],
      ["long.ts", chain]
    ].map(([name, text]) => [fileURLToPath(new URL(name, import.meta.url)), text])
  )
  const options = {
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: ["node"]
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile, readFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, ...rest) =>
    texts.has(path) ? ts.createSourceFile(path, texts.get(path), rest[0], true) : getSourceFile(path, ...rest)
  const program = ts.createProgram([...texts.keys()], options, host)
  const [short, long] = [...texts.keys()].map((path) => program.getSourceFile(path))
  const faults = (file) => program.getSemanticDiagnostics(file)
  const known = faults(short)
  let found = []
  const took = cpuSeconds(() => (found = faults(long)))
  for (const { messageText } of [...known, ...found]) throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"))
  return took
}

const folder = mkdtempSync(join(tmpdir(), "mediaspool-planning-"))
try {
  writeFileSync(join(folder, "spool.yaml"), yaml)
  const command = fileURLToPath(new URL("../packages/cli/bin/spool.js", import.meta.url))
  const run = (...args) => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" })
    if (status !== 0) throw new Error(stderr)
  }
  run(command, "check")
  const ratios = Array.from({ length: rounds }, () => {
    const peer = seconds(() => run("-e", "0"))
    return seconds(() => run(command, "check")) / peer
  })
  const types = Array.from({ length: rounds }, checkChain)
  const met = [
    figure({ name: "spool check of 60 nodes, against node -e 0", ratio: median(ratios), atMost: 25 }),
    figure({ name: "type check of a chain of 60 nodes, against 2 s", ratio: median(types) / 2, atMost: 1 })
  ]
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
