#!/usr/bin/env bash
#
# 120 beats a minute are 110 when the sound has 48 kHz, and a hum has 144.
#
# Packages: music-tempo 1.0.3 (npm); ffmpeg 5.1.9 (Debian 12) makes clicks and a tone.
# Expected: clicks at 120 a minute have a tempo of 120; a steady tone has none.
# Instead: the constructor takes samples and no sample rate, and reads all as 44.1 kHz: the
#   same clicks at 48 kHz are 110.3. A steady tone of 440 Hz is given 144.1 and no doubt.
# Why it matters: 48 kHz is the rate of film and of everything decoded from Opus. The wrong
#   tempo is a plausible one, so only a sound whose tempo is known gives it away, and the
#   answer needs a test of one's own for whether there is a beat.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-tempo@1.0.3

for rate in 44100 48000; do
  ffmpeg -v error -f lavfi -i "aevalsrc='sin(2*PI*1000*t)*exp(-60*mod(t,0.5))':d=20:s=$rate" -f f32le "clicks at $rate Hz.raw"
done
ffmpeg -v error -f lavfi -i sine=440:d=10:r=44100 -f f32le "tone at 44100 Hz.raw"

seen=$(
  for sound in "clicks at 44100 Hz" "clicks at 48000 Hz" "tone at 44100 Hz"; do
    node -e '
      const { readFileSync } = require("fs")
      const MusicTempo = require("music-tempo")
      const samples = new Float32Array(new Uint8Array(readFileSync(process.argv[1] + ".raw")).buffer)
      console.log(process.argv[1] + ":", Number(new MusicTempo(samples).tempo).toFixed(1))' "$sound"
  done
)
stated='clicks at 44100 Hz: 120.0
clicks at 48000 Hz: 110.3
tone at 44100 Hz: 144.1'

echo "music-tempo 1.0.3, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
