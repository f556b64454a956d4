#!/usr/bin/env bash
#
# A FLAC that ends in silence is shorter for mediabunny, and its lossless copy is, too.
#
# Packages: mediabunny 1.61.0 (npm), ffmpeg 5.1.9 and flac 1.4.2 (Debian 12).
# Expected: 240,000 samples are 5.000 s, and FLAC copied to FLAC without encoding has all of them.
# Instead: a last frame of digital silence in mono has 13 or 14 bytes, and a frame of fewer than 16 isn't
#   found at the end of the file. `computeDuration` says 4.949 s, 2,432 samples are missing in the copy,
#   and `flac --test` finds the copy whole, as its header counts what is left. Up to a block is lost,
#   4,096 or 4,608 samples. A sound that ends in noise, and silence in stereo, keep all.
# Why it matters: recordings are filled up with silence to a length that matters: to a window, a bar, a reel.
#   Copies laid side by side differ by a tenth of a second, and only those that end quietly. Compare the
#   count of samples with that in the header (STREAMINFO) afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(flac --version) == "flac 1.4.2" ]] || { echo "needs flac 1.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact mediabunny@1.61.0

ffmpeg -v error -f lavfi -i anoisesrc=a=0.2:r=48000:d=5:seed=1 noise.wav
ffmpeg -v error -i noise.wav -af "volume='lt(t,2)':eval=frame" quiet-end.wav
ffmpeg -v error -i quiet-end.wav -ac 2 quiet-end-stereo.wav
for name in noise quiet-end quiet-end-stereo; do flac --silent $name.wav 2> /dev/null; done
ffmpeg -v error -i quiet-end.wav by-ffmpeg.flac

cat > copy.mjs << 'JS'
import { readFileSync, writeFileSync } from "node:fs"
import { ALL_FORMATS, BufferSource, BufferTarget, Conversion, FlacOutputFormat, Input, Output } from "mediabunny"

const [name] = process.argv.slice(2)
const open = () => new Input({ source: new BufferSource(readFileSync(`${name}.flac`)), formats: ALL_FORMATS })
const output = new Output({ format: new FlacOutputFormat(), target: new BufferTarget() })
const conversion = await Conversion.init({ input: open(), output })
await conversion.execute()
writeFileSync(`${name}-copy.flac`, Buffer.from(output.target.buffer))
console.log(`${(await open().computeDuration()).toFixed(3)} s`)
JS
samples() { metaflac --show-total-samples "$1"; }
seen=$(
  for name in noise quiet-end by-ffmpeg quiet-end-stereo; do
    told=$(node copy.mjs $name)
    flac --test --silent $name-copy.flac 2> /dev/null && test=passed || test=failed
    last=$(ffprobe -v error -show_entries packet=size -of csv=p=0 $name.flac | tail -n 1)
    ((last < 16)) && size="under 16" || size="16 or more"
    echo "$name: last frame of $size bytes; mediabunny $told; copied $(samples $name-copy.flac) of $(samples $name.flac) samples, flac --test $test"
  done
)
stated='noise: last frame of 16 or more bytes; mediabunny 5.000 s; copied 240000 of 240000 samples, flac --test passed
quiet-end: last frame of under 16 bytes; mediabunny 4.949 s; copied 237568 of 240000 samples, flac --test passed
by-ffmpeg: last frame of under 16 bytes; mediabunny 4.992 s; copied 239616 of 240000 samples, flac --test passed
quiet-end-stereo: last frame of 16 or more bytes; mediabunny 5.000 s; copied 240000 of 240000 samples, flac --test passed'

echo "mediabunny 1.61.0, ffmpeg 5.1.9, flac 1.4.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
