#!/usr/bin/env bash
#
# Effect's file response sends one byte more than it announces.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2 (npm).
# Expected: `HttpServerResponse.file(path, { offset: 2, bytesToRead: 5 })` of "0123456789"
#   answers with 5 bytes, "23456", and `content-length: 5`.
# Instead: `content-length: 5` and 6 bytes, "234567". Node's read stream counts its end
#   inclusively; the bytes to read are added to the offset as if it didn't.
#   A client that reads by the length finds "7" where the next answer should begin; Node's
#   own gives the request up with a parse error.
# Why it matters: ranges are how a player seeks in sound and film, and a client that doesn't
#   mind what follows the announced length sees nothing wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2 @effect/platform-node@0.108.2

printf 0123456789 > ten.txt
cat > serve.mjs << 'JS'
import { Agent, createServer, get } from "node:http"
import { connect } from "node:net"
import { HttpRouter, HttpServer, HttpServerResponse } from "@effect/platform"
import { NodeContext, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"

const server = createServer()
const app = HttpRouter.empty.pipe(
  HttpRouter.get("/part", HttpServerResponse.file("ten.txt", { offset: 2, bytesToRead: 5 })),
  HttpServer.serve(),
  Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
  Layer.provide(NodeContext.layer)
)
Effect.runFork(Layer.launch(app))
server.once("listening", () => {
  const { port } = server.address()
  const socket = connect(port, "127.0.0.1")
  let answer = ""
  socket.on("data", (data) => (answer += data))
  socket.on("close", () => {
    const [head, body] = answer.split("\r\n\r\n")
    console.log(/content-length: \d+/i.exec(head)[0].toLowerCase())
    console.log("body:", body)
    get({ port, host: "127.0.0.1", path: "/part", agent: new Agent({ keepAlive: true }) }, () => {}).on("error", (error) => {
      console.log("node:http:", error.code)
      process.exit()
    })
  })
  socket.write("GET /part HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
})
JS
seen=$(timeout 60 node serve.mjs)
stated='content-length: 5
body: 234567
node:http: HPE_INVALID_CONSTANT'

echo "effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
