#!/usr/bin/env bash
#
# Effect's HTTP client takes the length away from a body that it streams.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2 (npm), against a server of this script's own.
# Expected: `bodyStream(stream, { contentLength: 10 })` sends `content-length: 10`, as the
#   same ten bytes do as a `Uint8Array`.
# Instead: the request has no length and goes out chunked. `FetchHttpClient` drops the
#   header `content-length` from every request and leaves it to fetch, which knows the length
#   of bytes, but not of a stream. Node's fetch itself would send the header: given both,
#   the stream and the length, it declares ten bytes.
# Why it matters: a file of gigabytes can only be uploaded as a stream, and object storages
#   answer an upload without a length with 411.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2

cat > upload.mjs << 'JS'
import { createServer } from "node:http"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Stream } from "effect"

let label
const server = createServer(({ headers }, response) => {
  console.log(`${label}: content-length ${headers["content-length"]}, transfer-encoding ${headers["transfer-encoding"]}`)
  response.end("taken")
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const url = `http://127.0.0.1:${server.address().port}`
const bytes = new Uint8Array(10)
const put = (what, body) => {
  label = what
  return HttpClient.execute(body(HttpClientRequest.put(url))).pipe(
    Effect.andThen((response) => response.text),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
}
await put("Effect, bytes", HttpClientRequest.bodyUint8Array(bytes))
await put("Effect, stream", HttpClientRequest.bodyStream(Stream.make(bytes), { contentLength: 10 }))
label = "fetch, stream"
await fetch(url, { method: "PUT", duplex: "half", body: new Blob([bytes]).stream(), headers: { "content-length": "10" } })
process.exit()
JS
seen=$(timeout 60 node upload.mjs)
stated='Effect, bytes: content-length 10, transfer-encoding undefined
Effect, stream: content-length undefined, transfer-encoding chunked
fetch, stream: content-length 10, transfer-encoding undefined'

echo "effect 3.22.4, @effect/platform 0.97.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
