#!/usr/bin/env bash
#
# A vector of eight numbers comes out of the openai SDK as two, and none of them is right.
#
# Packages: openai 6.49.0 (npm), against a server of this script's own that answers with
#   numbers whatever it is asked for, as some servers of open models do.
# Expected: `embeddings.create({ model, input })` gives the numbers that the server sent:
#   the API's default for `encoding_format` is `float`.
# Instead: the SDK asks for `base64` when nothing is said, and decodes the answer as base64
#   without a look at it. Each number of a list becomes one byte, and four bytes one
#   float: a vector of a quarter of the length, of tiny or meaningless numbers, and no error.
#   With `encoding_format: "float"` all is as sent.
# Why it matters: such vectors can be stored and compared; a search by meaning then
#   answers at random. Mostly they are zeros, as each number below one becomes the byte 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact openai@6.49.0

cat > embed.mjs << 'JS'
import { createServer } from "node:http"
import OpenAI from "openai"

const sent = [0.5, -0.25, 0.125, 0.75, 0.5, 0.25, -0.5, 0.875]
let asked
const server = createServer(async (request, response) => {
  asked = JSON.parse(Buffer.concat(await request.toArray()).toString()).encoding_format
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify({ object: "list", model: "m", data: [{ object: "embedding", index: 0, embedding: sent }] }))
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}`, maxRetries: 0 })
for (const said of [{}, { encoding_format: "float" }]) {
  const { data } = await client.embeddings.create({ model: "m", input: "rain", ...said })
  console.log(`said ${said.encoding_format ?? "nothing"}, asked for ${asked}: ${data[0].embedding.join(" ")}`)
}
process.exit()
JS
seen=$(timeout 60 node embed.mjs)
stated='said nothing, asked for base64: 0 0
said float, asked for float: 0.5 -0.25 0.125 0.75 0.5 0.25 -0.5 0.875'

echo "openai 6.49.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
