#!/usr/bin/env bash
#
# A job with five attempts fails for good when its worker dies the second time.
#
# Packages: bullmq 6.7.0 and ioredis 5.11.1 (npm), redis-server 7.0.15 (Debian 12).
# Expected: `attempts: 5` allows a job five starts, however the first four came to an end.
# Instead: a worker that is killed in the middle of a job is no failed attempt: it is a
#   "stalled" job, counted apart, and one stall is allowed by default (`maxStalledCount`).
#   Two kills, and the job is failed with one attempt on its account of five.
# Why it matters: long transcodes and a machine that restarts, or runs out of memory now
#   and then: what is lost is the longest jobs, and nothing was wrong with any of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(redis-server --version) == *"v=7.0.15"* ]] || { echo "needs redis-server 7.0.15"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact bullmq@6.7.0 ioredis@5.11.1

redis-server --port 0 --unixsocket "$folder/redis.sock" --save "" --appendonly no --dir "$folder" > redis.log 2>&1 &
redis=$!
trap 'kill "$redis" 2> /dev/null; wait "$redis" 2> /dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 50); do [[ -S redis.sock ]] && break; sleep 0.1; done

cat > jobs.mjs << 'JS'
import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { Queue, Worker } from "bullmq"
import { Redis } from "ioredis"

const connection = new Redis({ path: "redis.sock", maxRetriesPerRequest: null })
const work = async () => {
  console.log("started")
  await sleep(60_000)
}
if (process.argv[2] === "work") {
  new Worker("clips", work, { connection, lockDuration: 1000, stalledInterval: 1000 })
} else {
  const queue = new Queue("clips", { connection })
  const { id } = await queue.add("transcode", {}, { attempts: 5 })
  for (const life of [1, 2, 3]) {
    const worker = spawn(process.execPath, ["jobs.mjs", "work"], { stdio: ["ignore", "pipe", "inherit"] })
    const started = await Promise.race([new Promise((resolve) => worker.stdout.once("data", () => resolve(true))), sleep(8000, false)])
    const job = await queue.getJob(id)
    console.log(`worker ${life}: ${started ? "starts the job" : "gets no job"}; the job is ${await job.getState()}${job.failedReason ? `: ${job.failedReason}` : ""}`)
    worker.kill("SIGKILL")
    await sleep(1500)
  }
  const job = await queue.getJob(id)
  console.log(`attempts made: ${job.attemptsMade} of ${job.opts.attempts}`)
  process.exit()
}
JS
seen=$(timeout 100 node jobs.mjs)
stated='worker 1: starts the job; the job is active
worker 2: starts the job; the job is active
worker 3: gets no job; the job is failed: job stalled more than allowable limit
attempts made: 1 of 5'

echo "bullmq 6.7.0, ioredis 5.11.1, redis-server 7.0.15, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
