#!/usr/bin/env bash
#
# After a jump in an MP3 of variable bit rate one hears another second in Chromium than its clock says.
#
# Packages: Chromium and ffmpeg 5.1.9 (Debian 12, with libmp3lame), playwright-core 1.65.1 (npm).
# Expected: `currentTime = 500`, and half a second later the clock says 500.5 and one hears what is there, as
#   in M4A, as in an MP3 of constant bit rate, and as `ffmpeg -ss 500` has it of the same file.
# Instead: Chromium jumps by the table of a hundred places in the file's first frame, in steps of a 256th of
#   the file: in half an hour one hears what is up to some 7 s before or behind, and the clock doesn't know.
#   Without the table, as recorders and pipes leave it out, it goes by a guess of the rate: here minutes off,
#   and the length is another one as well.
# Why it matters: pages with captions, chapters or search results jump to a second and play another sentence, and
#   who corrects times by ear writes wrong ones. Give the page a copy in M4A or of constant bit rate.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact playwright-core@1.65.1

# Half an hour whose second is told by two tones, the second two thirds of it in noise, which takes more bits.
tones='0.3*sin(2*PI*(400+20*mod(floor(t),100))*t)+0.3*sin(2*PI*(3000+60*floor(t/100))*t)'
ffmpeg -v error -f lavfi -i "aevalsrc='$tones+if(gte(t,600),0.2*(random(0)*2-1),0)':s=22050:d=1800" -c:a libmp3lame -q:a 6 table.mp3
ffmpeg -v error -i table.mp3 -c copy -write_xing 0 no-table.mp3
ffmpeg -v error -i table.mp3 -c:a aac constant.m4a &
ffmpeg -v error -i table.mp3 -c:a libmp3lame -b:a 64k constant.mp3
wait

cat > jump.mjs << 'SCRIPT'
import { createServer } from "node:http"
import { readFileSync } from "node:fs"
import { chromium } from "playwright-core"

const server = createServer(({ headers, url }, response) => {
  if (!/\.m(p3|4a)$/.test(url)) return response.setHeader("content-type", "text/html").end("<p></p>")
  const bytes = readFileSync(url.slice(1))
  response.setHeader("content-type", url.endsWith("mp3") ? "audio/mpeg" : "audio/mp4").setHeader("accept-ranges", "bytes")
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
for (const name of ["constant.m4a", "constant.mp3", "table.mp3", "no-table.mp3"]) {
  const { clock, duration, off } = await tab.evaluate(async (name) => {
    const audio = new Audio(`/${name}`)
    await new Promise((resolve) => audio.addEventListener("loadedmetadata", resolve, { once: true }))
    const context = new AudioContext({ sampleRate: 44_100 })
    const analyser = new AnalyserNode(context, { fftSize: 16_384, smoothingTimeConstant: 0 })
    context.createMediaElementSource(audio).connect(analyser).connect(context.destination)
    await context.resume()
    const data = new Float32Array(analyser.frequencyBinCount)
    const hertz = 44_100 / 16_384
    const loudest = (from, to) => {
      let most = Math.ceil(from / hertz)
      for (let n = most; n < to / hertz; n++) if (data[n] > data[most]) most = n
      return most * hertz
    }
    const clock = []
    const off = []
    for (const at of [100, 400, 500, 601, 650, 1203, 1605]) {
      audio.currentTime = at + 0.1
      await new Promise((resolve) => audio.addEventListener("seeked", resolve, { once: true }))
      await audio.play()
      await new Promise((resolve) => setTimeout(resolve, 700))
      analyser.getFloatFrequencyData(data)
      clock.push(Math.floor(audio.currentTime) - at)
      audio.pause()
      off.push(Math.round((loudest(390, 2400) - 400) / 20) + 100 * Math.round((loudest(3000, 4500) - 3000) / 60) - at)
    }
    return { clock, duration: audio.duration, off }
  }, name)
  const most = Math.max(...off.map(Math.abs))
  const far = most === 0 ? "at that second" : most < 3 ? "up to 3 s off" : most < 15 ? "3 to 15 s off" : "more than 15 s off"
  console.log(`${name}: ${Math.abs(duration - 1800) < 1 ? "1800 s" : "another length"}, clock ${Math.max(...clock.map(Math.abs))} s off, sound ${far}`)
  console.error(`${name}: ${duration.toFixed(0)} s; off by ${off.join(", ")}`)
}
await browser.close()
server.close()
SCRIPT
seen=$(timeout 120 node jump.mjs 2> figures.txt)
stated='constant.m4a: 1800 s, clock 0 s off, sound at that second
constant.mp3: 1800 s, clock 0 s off, sound at that second
table.mp3: 1800 s, clock 0 s off, sound 3 to 15 s off
no-table.mp3: another length, clock 0 s off, sound more than 15 s off'

echo "$(chromium --version 2> /dev/null | head -n 1), ffmpeg 5.1.9, playwright-core 1.65.1, Node $(node --version)"
echo "$seen"
cat figures.txt
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
