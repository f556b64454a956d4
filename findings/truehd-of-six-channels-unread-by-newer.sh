#!/usr/bin/env bash
#
# TrueHD of six channels that FFmpeg 5.1 encodes is no TrueHD to the FFmpeg that comes with node-av.
#
# Packages: ffmpeg 5.1.9 (Debian 12), node-av 6.1.1 (npm).
# Expected: a lossless stream that one version of FFmpeg encodes, and reads back sample by sample, is read by
#   the next ones too.
# Instead: of stereo both say the same. Of 5.1 the older one reads every sample of what it wrote, and
#   the newer one refuses every frame ("Assignment of matrix channel 0 to invalid output channel"): it
#   gives no sample at all. The container says the right channels and the right length in both.
# Why it matters: archives were re-encoded to TrueHD by the tools of their day; an update of the library
#   turns them into files that "have sound" and can't be heard. Decode one frame before such a file is
#   called damaged, and ask the older version.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-av@6.1.1

for layout in stereo 5.1; do
  ffmpeg -v error -f lavfi -i "sine=440:r=48000:d=1" -af "aformat=channel_layouts=$layout" \
    -c:a truehd -strict -2 -f truehd "$layout.thd"
done

cat > read.mjs << 'JS'
import { Decoder, Demuxer } from "node-av/api"

const file = process.argv[2]
const demuxer = Demuxer.openSync(file)
const stream = demuxer.audio()
const decoder = Decoder.createSync(stream)
let samples = 0
try {
  for (const frame of decoder.framesSync(demuxer.packetsSync())) samples += frame?.nbSamples ?? 0
} catch {
  samples += 0
}
console.log(`${samples} samples, ${stream.codecpar.channels} channels`)
process.exit()
JS

seen=$(for layout in stereo 5.1; do
  older=$(ffmpeg -v error -i "$layout.thd" -f s32le -ac 1 - | wc -c)
  echo "$layout: ffmpeg 5.1.9 $((older / 4)) samples; node-av 6.1.1 $(timeout 60 node read.mjs "$layout.thd" 2> /dev/null)"
done)
stated='stereo: ffmpeg 5.1.9 48000 samples; node-av 6.1.1 48000 samples, 2 channels
5.1: ffmpeg 5.1.9 48000 samples; node-av 6.1.1 0 samples, 6 channels'

echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
