#!/usr/bin/env bash
#
# An Effect server goes on after SIGTERM for as long as one page is open.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2 (npm).
# Expected: at SIGTERM `NodeRuntime.runMain` interrupts everything: the stream of
#   server-sent events ends, its client is let go, the process exits.
# Instead: it waits for the open connection, and the stream is not interrupted: four
#   seconds later it is still sending events. The process ends when the client leaves.
# Why it matters: a progress page in a forgotten tab keeps a service from stopping, until
#   a supervisor loses patience and sends SIGKILL into whatever was being written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2 @effect/platform-node@0.108.2

cat > serve.mjs << 'JS'
import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Layer, Schedule, Stream } from "effect"

const server = createServer()
server.once("listening", () => console.log(server.address().port))
const events = Stream.fromSchedule(Schedule.spaced("200 millis")).pipe(Stream.map((at) => `data: ${at}\n\n`), Stream.encodeText)
HttpRouter.empty.pipe(
  HttpRouter.get("/events", HttpServerResponse.stream(events, { contentType: "text/event-stream" })),
  HttpServer.serve(),
  Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
  Layer.launch,
  NodeRuntime.runMain
)
JS
cat > watch.mjs << 'JS'
import { spawn } from "node:child_process"
import { get } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"

const server = spawn(process.execPath, ["serve.mjs"], { stdio: ["ignore", "pipe", "inherit"] })
const ended = new Promise((resolve) => server.once("exit", () => resolve("ended")))
const state = (milliseconds) => Promise.race([ended, sleep(milliseconds, "runs")])
const port = await new Promise((resolve) => server.stdout.once("data", (data) => resolve(Number(data))))
let events = 0
const request = get({ port, host: "127.0.0.1", path: "/events" }, (response) => response.on("data", () => events++).on("error", () => {}))
request.on("error", () => {})
while (events === 0) await sleep(50)
server.kill("SIGTERM")
console.log("4 s after SIGTERM:", await state(4000))
const before = events
await sleep(1000)
console.log("events go on:", events > before)
request.destroy()
console.log("client gone:", await state(4000))
server.kill("SIGKILL")
process.exit()
JS
seen=$(timeout 60 node watch.mjs 2> /dev/null)
stated='4 s after SIGTERM: runs
events go on: true
client gone: ended'

echo "effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
