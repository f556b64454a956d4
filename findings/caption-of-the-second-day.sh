#!/usr/bin/env bash
#
# Captions of the second day of a recording are in the file, and no browser shows them.
#
# Packages: subtitle 4.2.2 and playwright-core 1.65.1 (npm), with Chromium and ffmpeg 5.1.9 (Debian 12).
# Expected: 25 hours and 1.5 seconds are written 25:00:01.500 in WebVTT and 25:00:01,500 in SubRip; hours
#   may have any number of digits in both, and the package reads such times.
# Instead: `stringifySync` keeps the hour of the day and puts the days into the milliseconds:
#   01:00:01.86400500. Chromium drops the cue without a word, and the package itself reads it as the end
#   of the text before. ffmpeg adds it all up and gets 25:00:01,500, so that a check by ffmpeg passes.
# Why it matters: radio, surveillance and field recorders run for days. From 24 hours on, write the times by
#   hand; it is one line.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact subtitle@4.2.2 playwright-core@1.65.1

cat > write.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { writeFileSync } from "node:fs"
import { chromium } from "playwright-core"
import subtitle from "subtitle"

const hour = 3_600_000
const cues = [23, 24, 25].map((hours) => ({ type: "cue", data: { start: hours * hour + 1500, end: hours * hour + 2500, text: `hour ${hours}` } }))
const vtt = subtitle.stringifySync(cues, { format: "WebVTT" })
writeFileSync("talk.srt", subtitle.stringifySync(cues, { format: "SRT" }))
console.log(`written: ${vtt.match(/^\S+(?= -->)/gm).join(", ")}`)
const own = subtitle.parseSync(vtt).filter(({ type }) => type === "cue")
console.log(`read by itself: ${own.length} cue, of ${own[0].data.text.split("\n").length} lines`)
const right = subtitle.parseSync("1\n25:00:01,500 --> 25:00:02,500\nhour 25\n")
console.log(`read from 25:00:01,500: ${right[0].data.start / hour} h`)

const server = createServer(({ url }, response) => {
  if (url === "/talk.vtt") return response.setHeader("content-type", "text/vtt").end(vtt)
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
  return [...element.track.cues].map(({ text }) => text)
})
console.log(`in the browser: ${shown.join(", ")}`)
await browser.close()
server.close()
SCRIPT
seen=$(
  timeout 120 node write.mjs
  echo "by ffmpeg: $(ffmpeg -v error -i talk.srt -f srt - | sed -n 's/ -->.*//p' | paste -sd ' ')"
)
stated='written: 23:00:01.500, 00:00:01.86400500, 01:00:01.86400500
read by itself: 1 cue, of 9 lines
read from 25:00:01,500: 25.000416666666666 h
in the browser: hour 23
by ffmpeg: 23:00:01,500 24:00:01,500 25:00:01,500'

echo "subtitle 4.2.2, playwright-core 1.65.1, $(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
