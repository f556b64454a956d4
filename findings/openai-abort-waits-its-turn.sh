#!/usr/bin/env bash
#
# A request that is aborted while the openai SDK waits to ask again ends when the wait does.
#
# Packages: openai 6.49.0 (npm), against a server of this script's own.
# Expected: after `abort()` the promise is rejected at once, as it is while an answer is waited for; and
#   `timeout: 1000` ends a request that takes longer.
# Instead: between two tries the SDK sleeps for as long as `Retry-After` says, with no upper limit, and
#   looks at nothing meanwhile: an abort after half a second is told after the five that the server named,
#   and the timeout, which counts a try at a time, knows nothing of them.
# Why it matters: services answer "in an hour" when a day's allowance is used up. A program that is asked to
#   stop holds its place in a queue, and its process, until then. Set `maxRetries: 0` and wait by one's own
#   clock, or race each request with the signal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact openai@6.49.0

cat > ask.mjs << 'JS'
import { createServer } from "node:http"
import OpenAI from "openai"

/** The first request is refused for five seconds, or not answered at all; the second one is answered. */
let requests = 0
let refuses = true
const body = JSON.stringify({ choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Rain." } }] })
const server = createServer((request, response) => {
  request.resume()
  if (++requests > 1) response.writeHead(200, { "content-type": "application/json" }).end(body)
  else if (refuses) response.writeHead(429, { "content-type": "application/json", "retry-after": "5" }).end("{}")
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}`, maxRetries: 1 })

const ask = async (name, options) => {
  requests = 0
  const began = Date.now()
  const result = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "?" }] }, options).then(
    (answer) => answer.choices[0].message.content,
    (error) => error.constructor.name
  )
  console.log(`${name}: ${result} after ${Math.round((Date.now() - began) / 500) / 2} s, ${requests} requests`)
}
const soon = () => AbortSignal.timeout(500)
refuses = false
await ask("no answer, aborted after 0.5 s", { signal: soon() })
refuses = true
await ask("refused for 5 s, aborted after 0.5 s", { signal: soon() })
await ask("refused for 5 s, timeout of 1 s", { timeout: 1000 })
process.exit()
JS
seen=$(timeout 60 node ask.mjs)
stated='no answer, aborted after 0.5 s: APIUserAbortError after 0.5 s, 1 requests
refused for 5 s, aborted after 0.5 s: APIUserAbortError after 5 s, 1 requests
refused for 5 s, timeout of 1 s: Rain. after 5 s, 2 requests'

echo "openai 6.49.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
