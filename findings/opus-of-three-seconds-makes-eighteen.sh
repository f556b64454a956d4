#!/usr/bin/env bash
#
# music-metadata's samples of an Opus file, divided by its sample rate, are six times too long.
#
# Packages: music-metadata 11.16.1 (npm), ffmpeg 5.1.9 with libopus and opusenc 0.2 (Debian 12).
# Expected: `format.numberOfSamples / format.sampleRate` is the length, as of WAV and Vorbis.
# Instead: Opus always counts in 48 kHz; the rate that its header has besides is what the sound was made
#   from. music-metadata gives the one with the other: 144,000 samples "at 8,000 Hz", 18 s of 3.
#   `format.duration` is right. ffprobe says 48,000 Hz, mediainfo 8,000.
# Why it matters: telephone sound and dictation are 8 or 16 kHz, and who positions windows by samples, or
#   takes "8,000 Hz" for what a decoder gives, is off by six or three; with music at 48 kHz all is well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(opusenc --version) == *"opus-tools 0.2"* ]] || { echo "needs opusenc 0.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1

for rate in 8000 16000 48000; do
  ffmpeg -v error -f lavfi -i sine=440:r=$rate:d=3 -ar $rate $rate.wav
  ffmpeg -v error -i $rate.wav -c:a libvorbis $rate.ogg
  ffmpeg -v error -i $rate.wav -c:a libopus $rate.opus
  opusenc --quiet $rate.wav $rate-opusenc.opus 2> /dev/null
done
cat > read.mjs << 'JS'
import { parseFile } from "music-metadata"

for (const name of process.argv.slice(2)) {
  const { format } = await parseFile(name, { duration: true })
  const { duration, numberOfSamples, sampleRate } = format
  console.log(`${name}: ${duration} s, ${numberOfSamples} samples at ${sampleRate} Hz, which makes ${numberOfSamples / sampleRate}`)
}
JS
seen=$(
  node read.mjs {8000,48000}.wav {8000,16000}.ogg {8000,16000,48000}.opus 8000-opusenc.opus
  echo "8000.opus: ffprobe $(ffprobe -v error -show_entries stream=sample_rate -of default=nw=1:nk=1 8000.opus), mediainfo $(mediainfo '--Inform=Audio;%SamplingRate%' 8000.opus)"
)
stated='8000.wav: 3 s, 24000 samples at 8000 Hz, which makes 3
48000.wav: 3 s, 144000 samples at 48000 Hz, which makes 3
8000.ogg: 3 s, 24000 samples at 8000 Hz, which makes 3
16000.ogg: 3 s, 48000 samples at 16000 Hz, which makes 3
8000.opus: 3 s, 144000 samples at 8000 Hz, which makes 18
16000.opus: 3 s, 144000 samples at 16000 Hz, which makes 9
48000.opus: 3 s, 144000 samples at 48000 Hz, which makes 3
8000-opusenc.opus: 3 s, 144000 samples at 8000 Hz, which makes 18
8000.opus: ffprobe 48000, mediainfo 8000'

echo "music-metadata 11.16.1, ffmpeg 5.1.9, opusenc 0.2, mediainfo 23.04, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
