#!/usr/bin/env bash
#
# Of two audio tracks Chromium plays the default one of an MP4, and the first one of a Matroska.
#
# Packages: Chromium and ffmpeg 5.1.9 (Debian 12), playwright-core 1.65.1 (npm).
# Expected: a file whose second track is marked as its default is heard alike, whatever container
#   the two tracks lie in; ffmpeg reads the mark in both.
# Instead: the MP4 (whose mark is that the first track isn't enabled) plays the second track, at
#   880 Hz; Matroska and WebM play the first, at 440.
# Why it matters: a dubbed film or a recording with two languages is described by its default track
#   and heard as another.
set -euo pipefail
command -v chromium > /dev/null || { echo "needs Chromium"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

two=(ffmpeg -v error -f lavfi -i sine=440:d=3 -f lavfi -i sine=880:d=3 -map 0 -map 1)
marked=(-disposition:0 0 -disposition:1 default)
"${two[@]}" -c:a aac "${marked[@]}" two.m4a
"${two[@]}" -c:a libvorbis "${marked[@]}" two.mka
"${two[@]}" -c:a libopus "${marked[@]}" two.webm

cat > play.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const types = { m4a: "audio/mp4", mka: "audio/x-matroska", webm: "audio/webm" }
const server = createServer(({ headers, url }, response) => {
  const type = types[url.split(".")[1]]
  if (type === undefined) return response.setHeader("content-type", "text/html").end("")
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
for (const name of ["two.m4a", "two.mka", "two.webm"]) {
  const tab = await browser.newPage()
  await tab.goto(`http://127.0.0.1:${server.address().port}/`)
  const heard = await tab.evaluate(async (name) => {
    const audio = new Audio(`/${name}`)
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 8192
    context.createMediaElementSource(audio).connect(analyser)
    analyser.connect(context.destination)
    await audio.play()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const bins = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(bins)
    const loudest = bins.indexOf(Math.max(...bins)) * (context.sampleRate / analyser.fftSize)
    return [440, 880].find((tone) => Math.abs(loudest - tone) < 20)
  }, name)
  console.log(`${name}: ${heard} Hz`)
  await tab.close()
}
await browser.close()
server.close()
SCRIPT
seen=$(for name in m4a mka webm; do
  echo "two.$name: default is track $(ffprobe -v error -show_entries stream=index:stream_disposition=default -of csv=p=0 two.$name | grep ',1' | cut -d, -f1)"
done; timeout 120 node play.mjs)
stated="two.m4a: default is track 1
two.mka: default is track 1
two.webm: default is track 1
two.m4a: 880 Hz
two.mka: 440 Hz
two.webm: 440 Hz"

echo "$(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, playwright-core 1.65.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
