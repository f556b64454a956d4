#!/usr/bin/env bash
#
# The same four seconds, written to begin at eight, are 12, 12 or 4 s long to Chromium, by container.
#
# Packages: Chromium and ffmpeg 5.1.9 (Debian 12), playwright-core 1.65.1 (npm).
# Expected: one rule for files whose first time isn't zero, as cut streams and captures have them:
#   either the file begins where its sound does, or its times stand.
# Instead: in an <audio> element Matroska and MP4 (by its edit list) last 12 s and are heard from 8
#   to 12. Ogg says 12 s too, but is heard from 0 on and jumps to 12 at its end. A fragmented MP4
#   lasts 4 s.
# Why it matters: captions, chapters and waveforms that begin with the sound are eight seconds away
#   from what is heard in some of these, and right in others.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

ffmpeg -v error -f lavfi -i sine=440:d=4 sound.wav
late=(ffmpeg -v error -i sound.wav -output_ts_offset 8)
"${late[@]}" -c:a libvorbis late.mka
"${late[@]}" -c:a aac late.m4a
"${late[@]}" -c:a libvorbis late.ogg
"${late[@]}" -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof fragments.m4a

cat > play.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const types = { mka: "audio/x-matroska", m4a: "audio/mp4", ogg: "audio/ogg" }
const server = createServer(({ headers, url }, response) => {
  const type = types[url.split(".")[1]]
  if (type === undefined) return response.setHeader("content-type", "text/html").end("<audio></audio>")
  const bytes = readFileSync(url.slice(1))
  response.setHeader("content-type", type).setHeader("accept-ranges", "bytes")
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? []
  if (from === undefined) return response.end(bytes)
  const end = to === "" ? bytes.length - 1 : Number(to)
  response.setHeader("content-range", `bytes ${from}-${end}/${bytes.length}`)
  response.writeHead(206).end(bytes.subarray(Number(from), end + 1))
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))

const args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args })
const tab = await browser.newPage()
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
for (const name of ["late.mka", "late.m4a", "late.ogg", "fragments.m4a"]) {
  const { duration, middle } = await tab.evaluate(async (name) => {
    const audio = document.querySelector("audio")
    audio.src = `/${name}`
    const ended = new Promise((resolve) => audio.addEventListener("ended", resolve, { once: true }))
    await audio.play()
    const times = []
    const timer = setInterval(() => times.push(audio.currentTime), 100)
    await ended
    clearInterval(timer)
    return { duration: audio.duration, middle: times[times.length >> 1] }
  }, name)
  console.log(`${name}: ${Math.round(duration)} s, and halfway through the clock says ${Math.round(middle)}`)
}
await browser.close()
server.close()
SCRIPT
seen=$(timeout 120 node play.mjs)
stated="late.mka: 12 s, and halfway through the clock says 10
late.m4a: 12 s, and halfway through the clock says 10
late.ogg: 12 s, and halfway through the clock says 2
fragments.m4a: 4 s, and halfway through the clock says 2"

echo "$(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, playwright-core 1.65.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
