#!/usr/bin/env bash
#
# Out of an MP4 Chromium decodes MP3 23 ms too early, and Opus 6.5.
#
# Packages: Chromium and ffmpeg 5.1.9 (Debian 12), playwright-core 1.65.1 (npm).
# Expected: decodeAudioData gives a click at 1.000 s at 1.000 s, in whichever container the packets lie; of
#   .mp3, .opus, AAC in MP4 and FLAC in MP4 it does.
# Instead: the same MP3 packets in an MP4 give it at 977 ms, the same Opus packets at 993.5: as if the
#   encoder's delay, which the edit list cuts off, were cut off twice. ffmpeg decodes both to the sample.
# Why it matters: waveforms, cuts and captions that a page makes are early against those that ffmpeg makes of
#   the same file; of windows of 20 ms that is a whole one. Measure in one place, or copy the sound out
#   of the MP4 before it is decoded.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

# A click of 2 ms at each second but the first.
ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.002)*gte(t,0.5),0.8*sin(2*PI*1000*t),0)':s=48000:d=5" click.wav
for name in click.{mp3,opus,m4a,flac}; do ffmpeg -v error -i click.wav "$name"; done
for name in mp3 opus flac; do ffmpeg -v error -i click.$name -c copy -strict -2 $name.mp4; done
mv click.m4a aac.mp4

cat > decode.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const names = process.argv.slice(2)
const server = createServer(({ url }, response) => {
  const name = url.slice(1)
  if (names.includes(name)) return response.end(readFileSync(name))
  response.setHeader("content-type", "text/html").end("<p>")
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] })
const tab = await browser.newPage()
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
for (const name of names) {
  const first = await tab.evaluate(async (name) => {
    const bytes = await (await fetch(`/${name}`)).arrayBuffer()
    const decoded = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes)
    return decoded.getChannelData(0).findIndex((sample) => Math.abs(sample) > 0.2) / 48
  }, name)
  console.log(`${name} ${first.toFixed(1)} ms`)
}
await browser.close()
server.close()
SCRIPT
cat > click.py << 'SCRIPT'
import array, sys

samples = array.array("f", sys.stdin.buffer.read())
print(f"{next(n for n, sample in enumerate(samples) if abs(sample) > 0.2) / 48:.1f} ms")
SCRIPT
names=(click.mp3 mp3.mp4 click.opus opus.mp4 aac.mp4 click.flac flac.mp4)
seen=$(
  timeout 120 node decode.mjs "${names[@]}" | paste -sd ','
  for name in mp3 opus; do echo "ffmpeg: $name.mp4 $(ffmpeg -v error -i $name.mp4 -f f32le -ac 1 -ar 48000 - | python3 click.py)"; done
)
stated='click.mp3 1000.0 ms,mp3.mp4 977.0 ms,click.opus 1000.0 ms,opus.mp4 993.5 ms,aac.mp4 1000.0 ms,click.flac 1000.0 ms,flac.mp4 1000.0 ms
ffmpeg: mp3.mp4 1000.0 ms
ffmpeg: opus.mp4 1000.0 ms'

echo "$(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, playwright-core 1.65.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
