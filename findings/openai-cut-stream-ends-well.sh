#!/usr/bin/env bash
#
# A model's answer that is cut off in the middle ends like a whole one.
#
# Packages: openai 6.49.0 (npm), against a server of this script's own.
# Expected: when the connection ends before `[DONE]` and without a `finish_reason`, when a
#   proxy answers with a web page, or when the service says in a frame that it stopped,
#   `for await (const chunk of stream)` throws.
# Instead: all three end the loop normally: half a sentence, nothing at all, and the
#   service's refusal handed over as if it were a chunk.
# Why it matters: a caption of half a sentence is stored as the result, and stays. A
#   reader has to insist on a `finish_reason` (and on the usage frame, if it asked for it).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact openai@6.49.0

cat > ask.mjs << 'JS'
import { createServer } from "node:http"
import OpenAI from "openai"

const frame = (value) => `data: ${JSON.stringify(value)}\n\n`
const answers = {
  cut: ["text/event-stream", frame({ choices: [{ index: 0, delta: { content: "Rain falls on" }, finish_reason: null }] })],
  page: ["text/html", "<html><body>Please sign in</body></html>"],
  refusal: ["text/event-stream", frame({ code: "data_inspection_failed", message: "stopped" })]
}
const server = createServer((request, response) => {
  const [type, body] = answers[request.url.split("/")[1]]
  request.resume().on("end", () => response.writeHead(200, { "content-type": type }).end(body))
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
for (const name of Object.keys(answers)) {
  const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}/${name}`, maxRetries: 0 })
  let text = ""
  let chunks = 0
  try {
    const stream = await client.chat.completions.create({ model: "m", stream: true, messages: [{ role: "user", content: "?" }] })
    for await (const chunk of stream) {
      chunks++
      text += chunk.choices?.[0]?.delta?.content ?? ""
    }
    console.log(`${name}: ended normally, ${chunks} chunks, text "${text}"`)
  } catch (error) {
    console.log(`${name}: ${error.constructor.name}`)
  }
}
process.exit()
JS
seen=$(timeout 60 node ask.mjs)
stated='cut: ended normally, 1 chunks, text "Rain falls on"
page: ended normally, 0 chunks, text ""
refusal: ended normally, 1 chunks, text ""'

echo "openai 6.49.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
