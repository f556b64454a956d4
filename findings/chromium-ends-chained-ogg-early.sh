#!/usr/bin/env bash
#
# Chromium plays a chained Ogg for as long as its last recording lasts, and decodes all of it elsewhere.
#
# Packages: Chromium and ffmpeg 5.1.9 (Debian 12), playwright-core 1.65.1 (npm).
# Expected: an Ogg file with a recording of 2 s and one of 3 s behind it, as streams and recorders
#   write them (RFC 3533 calls it chained), lasts 5 s wherever a browser opens it.
# Instead: in an <audio> element Vorbis and FLAC last 3 s and end there, in the middle of the
#   second recording: the length is the last one's. Opus begins with 3 s too and mends it while it
#   plays. decodeAudioData of the same browser gives 5 s of each.
# Why it matters: a player ends early without an error, while a waveform drawn from the same file
#   is whole.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

for codec in libvorbis flac libopus; do
  ffmpeg -v error -f lavfi -i sine=440:d=2 -c:a $codec -f ogg one-$codec
  ffmpeg -v error -f lavfi -i sine=880:d=3 -c:a $codec -f ogg two-$codec
  cat one-$codec two-$codec > $codec.ogg
done

cat > play.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const server = createServer(({ headers, url }, response) => {
  if (!url.endsWith(".ogg")) return response.setHeader("content-type", "text/html").end("<audio></audio>")
  const bytes = readFileSync(url.slice(1))
  response.setHeader("content-type", "audio/ogg").setHeader("accept-ranges", "bytes")
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
for (const name of ["libvorbis", "flac", "libopus"]) {
  const { begun, decoded, ended } = await tab.evaluate(async (name) => {
    const audio = document.querySelector("audio")
    audio.src = `/${name}.ogg`
    await new Promise((resolve) => audio.addEventListener("loadedmetadata", resolve, { once: true }))
    const begun = audio.duration
    audio.playbackRate = 2
    await audio.play()
    await new Promise((resolve) => audio.addEventListener("ended", resolve, { once: true }))
    const whole = await (await fetch(`/${name}.ogg`)).arrayBuffer()
    const { duration } = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(whole)
    return { begun, ended: audio.currentTime, decoded: duration }
  }, name)
  console.log(`${name}: ${begun.toFixed(1)} s at first, ended at ${ended.toFixed(1)}, decodeAudioData ${decoded.toFixed(1)}`)
}
await browser.close()
server.close()
SCRIPT
seen=$(timeout 120 node play.mjs)
stated="libvorbis: 3.0 s at first, ended at 3.0, decodeAudioData 5.0
flac: 3.0 s at first, ended at 3.0, decodeAudioData 5.0
libopus: 3.0 s at first, ended at 5.0, decodeAudioData 5.0"

echo "$(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, playwright-core 1.65.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
