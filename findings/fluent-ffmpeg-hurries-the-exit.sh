#!/usr/bin/env bash
#
# A conversion into a stream fails, though all of it arrived and ffmpeg succeeded.
#
# Packages: fluent-ffmpeg 2.1.3 (npm) with ffmpeg 5.1.9 (Debian 12).
# Expected: `end`, for ffmpeg exits with 0, and the stream has every byte.
# Instead: once the stream has closed, ffmpeg is given 20 milliseconds to exit. One that needs 200,
#   here by a script around it, is ended, and the command fails with "Output stream closed". Into a
#   file the same ffmpeg may take its time.
# Why it matters: between the last byte and the exit lie the closing of other outputs, the freeing of
#   memory and the scheduler. On a busy machine conversions fail at random, and what retries them
#   makes it busier. A stream that isn't closed with its end (`emitClose: false`) is spared.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact fluent-ffmpeg@2.1.3

ffmpeg -v error -f lavfi -i sine=440:d=2 in.wav
cat > unhurried << 'SH'
#!/usr/bin/env bash
ffmpeg "$@"
status=$?
exec >&- 2>&-
sleep 0.2
exit $status
SH
chmod +x unhurried
cat > convert.mjs << 'JS'
import ffmpeg from "fluent-ffmpeg"
import { PassThrough } from "node:stream"

const convert = (label, program, send) =>
  new Promise((resolve) => {
    const tell = (how) => resolve(console.log(`${label}: ${how}`))
    const command = ffmpeg("in.wav").setFfmpegPath(program).format("s16le")
    send(command.on("end", () => tell("end")).on("error", ({ message }) => tell(`error, ${message}`)))
  })
/** Counts what arrives. */
const sink = (options) => {
  const stream = new PassThrough(options)
  stream.bytes = 0
  return stream.on("data", (data) => (stream.bytes += data.length))
}
const [quick, slow, open] = [sink(), sink(), sink({ emitClose: false })]
await convert("stream, ffmpeg as it is", "ffmpeg", (command) => command.pipe(quick))
await convert("stream, 0.2 s more to exit", "./unhurried", (command) => command.pipe(slow))
await convert("stream without close, 0.2 s more", "./unhurried", (command) => command.pipe(open))
await convert("file, 0.2 s more to exit", "./unhurried", (command) => command.save("out.raw"))
console.log(`bytes that arrived: ${[quick, slow, open].map(({ bytes }) => bytes)}`)
JS
seen=$(timeout 60 node convert.mjs)
stated='stream, ffmpeg as it is: end
stream, 0.2 s more to exit: error, Output stream closed
stream without close, 0.2 s more: end
file, 0.2 s more to exit: end
bytes that arrived: 176400,176400,176400'

echo "fluent-ffmpeg 2.1.3, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
