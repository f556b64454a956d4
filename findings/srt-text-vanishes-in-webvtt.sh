#!/usr/bin/env bash
#
# "I <3 you" is "I " in the browser, once ffmpeg has made WebVTT of the SubRip file.
#
# Packages: ffmpeg 5.1.9 and Chromium (Debian 12), playwright-core 1.65.1 (npm).
# Expected: SubRip has no escapes: a sign that is no tag stands for itself. In WebVTT `<` begins a tag
#   and `-->` a cue, so a converter writes `&lt;` and `&gt;`.
# Instead: ffmpeg copies the signs as they are. The browser takes what follows a `<` for a tag and shows
#   the text up to there; a cue with an arrow in it has no text at all, and a text that reads "&lt;b&gt;"
#   becomes "<b>". Neither reports an error.
# Why it matters: transcripts of lectures, code and chats lose words in the player, and only there: in the
#   file they stand. Escape the text before it is written, or read the file with a WebVTT parser once
#   and compare.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

printf '%s\n' 'I <3 you' 'stop if a<b or c' 'turn left --> then right' 'write &lt;b&gt;' 'AT&T' | awk '{
  printf "%d\n00:00:0%d,000 --> 00:00:0%d,900\n%s\n\n", NR, NR, NR, $0
}' > talk.srt
ffmpeg -v error -i talk.srt talk.vtt

cat > read.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const server = createServer(({ url }, response) => {
  if (url === "/talk.vtt") return response.setHeader("content-type", "text/vtt").end(readFileSync("talk.vtt"))
  response.setHeader("content-type", "text/html").end("<video></video>")
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] })
const tab = await browser.newPage()
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
const shown = await tab.evaluate(async () => {
  const element = document.createElement("track")
  element.src = "/talk.vtt"
  document.querySelector("video").append(element)
  element.track.mode = "hidden"
  await new Promise((resolve) => element.addEventListener("load", resolve, { once: true }))
  return [...element.track.cues].map((cue) => `${cue.startTime} s: "${cue.getCueAsHTML().textContent}"`)
})
console.log(shown.join("\n"))
await browser.close()
server.close()
SCRIPT
seen=$(timeout 120 node read.mjs)
stated='1 s: "I "
2 s: "stop if a"
3 s: ""
4 s: "write <b>"
5 s: "AT&T"'

echo "ffmpeg 5.1.9, $(chromium --version 2> /dev/null | head -n 1), playwright-core 1.65.1, Node $(node --version)"
echo "in the file: $(grep -v -e '^$' -e WEBVTT -e '^00' talk.vtt | paste -sd '|')"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
