#!/usr/bin/env bash
#
# On Node 20 node-av's asynchronous decoder gives no frames, and no error.
#
# Packages: node-av 6.1.1 (npm), on Node 20; its prebuilt library comes as an npm package.
# Expected: the asynchronous and the synchronous API decode the same sound to the same
#   frames, or the package says which Node it wants (package.json names none).
# Instead: on Node 20 `for await (frame of decoder.frames(demuxer.packets()))` ends at
#   once with 0 frames. Inside, `Promise.withResolvers` is called, which comes with
#   Node 22, and the error is lost between two of its generators; only reading
#   `packets()` by itself lets it out. With that one function defined all frames come.
# Why it matters: a decoder that "worked" and gave nothing is an empty waveform, a file
#   of no length, a caption of silence.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(node --version) == v20.* ]] || { echo "needs Node 20"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-av@6.1.1

cat > sound.mjs << 'JS'
import { writeFileSync } from "node:fs"
const rate = 44100
const samples = Int16Array.from({ length: rate }, (_, at) => 8000 * Math.sin((2 * Math.PI * 440 * at) / rate))
const header = Buffer.alloc(44)
header.write("RIFF", 0)
header.writeUInt32LE(36 + samples.byteLength, 4)
header.write("WAVEfmt ", 8)
header.writeUInt32LE(16, 16)
header.writeUInt16LE(1, 20)
header.writeUInt16LE(1, 22)
header.writeUInt32LE(rate, 24)
header.writeUInt32LE(2 * rate, 28)
header.writeUInt16LE(2, 32)
header.writeUInt16LE(16, 34)
header.write("data", 36)
header.writeUInt32LE(samples.byteLength, 40)
writeFileSync("sound.wav", Buffer.concat([header, Buffer.from(samples.buffer)]))
JS
node sound.mjs

cat > read.mjs << 'JS'
import { Decoder, Demuxer } from "node-av/api"

const async = async () => {
  const demuxer = await Demuxer.open("sound.wav")
  const decoder = await Decoder.create(demuxer.audio())
  let samples = 0
  for await (const frame of decoder.frames(demuxer.packets())) samples += frame?.nbSamples ?? 0
  return samples
}
const sync = () => {
  const demuxer = Demuxer.openSync("sound.wav")
  const decoder = Decoder.createSync(demuxer.audio())
  let samples = 0
  for (const frame of decoder.framesSync(demuxer.packetsSync())) samples += frame?.nbSamples ?? 0
  return samples
}
console.log("synchronous:", sync(), "samples")
console.log("asynchronous:", await async(), "samples")
Promise.withResolvers = () => {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
console.log("asynchronous, with Promise.withResolvers defined:", await async(), "samples")
process.exit()
JS
seen=$(timeout 60 node read.mjs)
stated='synchronous: 44100 samples
asynchronous: 0 samples
asynchronous, with Promise.withResolvers defined: 44100 samples'

echo "node-av 6.1.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
