// Bare BullMQ in pull mode: two processes take jobs one by one, 16 at a time, and this one adds them and awaits every result.
// With a folder it also does what cannot be left out: each job's file is read and hashed before, and its rows are on disk afterwards.
//   node benchmarks/BareQueue.mjs URL JOBS [FOLDER]        prints jobs a second
import { fork } from "node:child_process"
import { join } from "node:path"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { bareRows, readAndHash } from "./BareRows.mjs"

const workers = createRequire(new URL("../packages/workers/package.json", import.meta.url))
const { Job, Queue, QueueEvents, Worker } = workers("bullmq")
const { Redis } = workers("ioredis")
const [url, count, folder] = process.argv.slice(2)
const connection = () => new Redis(url, { maxRetriesPerRequest: null })

/** What a job of ours carries. */
const payload = (n) => ({
  coordinator: "0123456789abcdef",
  key: String(n).padStart(43, "k"),
  try: 1,
  pipeline: "waits",
  node: "wait",
  stage: "wait",
  version: 1,
  config: { millis: 0 },
  inputs: {
    original: [{ node: "", kind: "Original", value: { _tag: "Original", hash: String(n).padStart(64, "0"), size: 6, path: "" } }]
  },
  files: [{ hash: String(n).padStart(64, "0"), size: 6, extension: ".bin" }],
  weight: 1,
  lostOn: []
})
const answer = (n) => ({
  _tag: "Done",
  worker: "host/1",
  output: { _tag: "Waited", hash: String(n).padStart(64, "0") },
  files: [],
  madeWith: []
})

if (process.send !== undefined) {
  const worker = new Worker("bare", null, { connection: connection(), autorun: false })
  const slot = async (name) => {
    for (let job; ;) {
      job ??= await worker.getNextJob(name)
      if (job === undefined) continue
      const next = await job.moveToCompleted(answer(job.id), name, true)
      job = Array.isArray(next) && next[0] ? Job.fromJSON(worker, next[0], next[1]) : undefined
    }
  }
  for (let n = 0; n < 16; n++) void slot(`${process.pid}-${n}`)
} else {
  const client = connection()
  const queue = new Queue("bare", { connection: client })
  const events = new QueueEvents("bare", { connection: client })
  await events.waitUntilReady()
  const all = Number(count)
  let [done, began] = [0, 0]
  const rows = folder === undefined ? undefined : await bareRows(folder)
  const over = new Promise((resolve) =>
    events.on("completed", ({ jobId, returnvalue }) => {
      rows?.add(jobId, JSON.stringify(returnvalue.output))
      if (++done === all) resolve()
    })
  )
  const children = [1, 2].map(() => fork(fileURLToPath(import.meta.url), [url, count]))
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  began = performance.now()
  for (let n = 0; n < all; n += 100) {
    const jobs = Array.from({ length: Math.min(100, all - n) }, (_, i) => ({ name: "wait", data: payload(n + i) }))
    if (folder !== undefined) jobs.forEach(({ data }, i) => (data.files[0].hash = readAndHash(join(folder, `${n + i}.bin`))))
    await queue.addBulk(jobs)
  }
  await over
  rows?.flush()
  console.log(all / ((performance.now() - began) / 1_000))
  for (const child of children) child.kill("SIGKILL")
  process.exit(0)
}
