#!/usr/bin/env bash
#
# An upload that went well, 204, is a failure to whoever reads its answer as a stream.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2 (npm), against a server of this script's own.
# Expected: the body of a 204 is empty: as text "", as a stream no chunks.
# Instead: `response.text` and `response.arrayBuffer` are empty, and `response.stream` fails
#   with the reason `EmptyBody`. The same goes for a HEAD. A 200 without a byte in its body
#   is an empty stream: what makes the difference is whether fetch has a body at all.
# Why it matters: who limits the size of an answer must read it as a stream, and takes the
#   204 of a storage or a webhook, the usual "done", for a broken connection. Retried, the
#   request is made again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2

cat > read.mjs << 'JS'
import { createServer } from "node:http"
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { Effect, Stream } from "effect"

const server = createServer(({ url }, response) => response.writeHead(Number(url.slice(1))).end())
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const at = `http://127.0.0.1:${server.address().port}`
const read = (label, ask, body) =>
  ask.pipe(
    Effect.andThen(body),
    Effect.match({ onSuccess: (size) => `${size} bytes`, onFailure: (error) => `fails, ${error.reason}` }),
    Effect.map((what) => console.log(`${label}: ${what}`)),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
const streamed = ({ stream }) => Stream.runFold(stream, 0, (size, chunk) => size + chunk.length)
await read("204 as text", HttpClient.get(`${at}/204`), ({ text }) => Effect.map(text, ({ length }) => length))
await read("204 as bytes", HttpClient.get(`${at}/204`), ({ arrayBuffer }) => Effect.map(arrayBuffer, ({ byteLength }) => byteLength))
await read("204 as a stream", HttpClient.get(`${at}/204`), streamed)
await read("200 as a stream", HttpClient.get(`${at}/200`), streamed)
await read("HEAD, 200, as a stream", HttpClient.head(`${at}/200`), streamed)
process.exit()
JS
seen=$(timeout 60 node read.mjs)
stated='204 as text: 0 bytes
204 as bytes: 0 bytes
204 as a stream: fails, EmptyBody
200 as a stream: 0 bytes
HEAD, 200, as a stream: fails, EmptyBody'

echo "effect 3.22.4, @effect/platform 0.97.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
