#!/usr/bin/env bash
#
# The SDK's timeout of one second allows a stream any pause.
#
# Packages: openai 6.49.0 (npm), against a server of this script's own.
# Expected: `timeout: 1000` ends a request that takes longer than a second, streamed or not.
# Instead: with `stream: true` it covers the time up to the response's headers. A server
#   that sends them at once, one word, and the next word after three seconds, is waited
#   for and taken as a success; the same delay in an answer without a stream is a timeout.
# Why it matters: a model server that accepts the request and then hangs holds a place in
#   the queue as long as it likes. The time between two chunks needs a limit of the caller's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact openai@6.49.0

cat > ask.mjs << 'JS'
import { createServer } from "node:http"
import OpenAI from "openai"

const frame = (content, finish_reason) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`
const server = createServer(async (request, response) => {
  const asked = JSON.parse(Buffer.concat(await request.toArray()).toString())
  if (asked.stream) {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(frame("Rain ", null))
    setTimeout(() => response.end(frame("falls", "stop") + "data: [DONE]\n\n"), 3000)
  } else {
    setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end("{}"), 3000)
  }
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}`, maxRetries: 0, timeout: 1000 })
const ask = async (stream) => {
  const answer = await client.chat.completions.create({ model: "m", stream, messages: [{ role: "user", content: "?" }] })
  let text = ""
  if (stream) for await (const chunk of answer) text += chunk.choices[0].delta.content
  return text
}
for (const stream of [false, true]) {
  const began = Date.now()
  const result = await ask(stream).catch((error) => error.constructor.name)
  console.log(`stream ${stream}: ${result}, after ${Date.now() - began < 2500 ? "the timeout" : "3 s"}`)
}
process.exit()
JS
seen=$(timeout 60 node ask.mjs)
stated='stream false: APIConnectionTimeoutError, after the timeout
stream true: Rain falls, after 3 s'

echo "openai 6.49.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
