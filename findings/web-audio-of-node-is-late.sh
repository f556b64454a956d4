#!/usr/bin/env bash
#
# decodeAudioData of node-web-audio-api gives an MP3 23 ms later than a browser does.
#
# Packages: node-web-audio-api 1.0.9 and audio-decode 3.12.0 (npm), ffmpeg 5.1.9 and lame 3.100 (Debian 12).
# Expected: a click at 1.000 s of the WAV is at 1.000 s of its MP3, and 5 s are 5 s: the encoder notes in the
#   first frame how many samples it has put before the sound and behind it, and browsers, ffmpeg and
#   audio-decode leave these out.
# Instead: they are part of the sound: the click is at 1.023 s, and 240,000 samples are 241,920. FLAC, and
#   Vorbis but for its end, are where they were.
# Why it matters: a page that was tested with this package, or a service that makes a waveform, cuts or
#   captions for the page by it, is a frame of the picture off what is heard there, in MP3 alone. Decode by
#   ffmpeg, or shift by what the frame says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(lame --version) == *"version 3.100"* ]] || { echo "needs lame 3.100"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-web-audio-api@1.0.9 audio-decode@3.12.0

# A click of 2 ms at each second but the first.
ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.002)*gte(t,0.5),0.8*sin(2*PI*1000*t),0)':s=48000:d=5" click.wav
lame --quiet click.wav lame.mp3
ffmpeg -v error -i click.wav ffmpeg.mp3
ffmpeg -v error -i click.wav click.flac

cat > decode.mjs << 'JS'
import { readFileSync } from "node:fs"
import decode from "audio-decode"
import { OfflineAudioContext } from "node-web-audio-api"

const tell = (samples) => `click at ${(samples.findIndex((one) => Math.abs(one) > 0.2) / 48).toFixed(0)} ms, ${samples.length} samples`
for (const name of ["click.wav", "click.flac", "lame.mp3", "ffmpeg.mp3"]) {
  const bytes = readFileSync(name)
  const other = await decode(bytes)
  const buffer = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(Uint8Array.from(bytes).buffer)
  console.log(`${name}: node-web-audio-api ${tell(buffer.getChannelData(0))}; audio-decode ${tell((other.channelData ?? [other.getChannelData(0)])[0])}`)
}
process.exit()
JS
samples() {
  ffmpeg -v error -i "$1" -f f32le -ac 1 -ar 48000 - | python3 -c '
import array, sys

samples = array.array("f", sys.stdin.buffer.read())
print(f"click at {next(n for n, sample in enumerate(samples) if abs(sample) > 0.2) / 48:.0f} ms, {len(samples)} samples")'
}
seen=$(
  node decode.mjs
  for name in lame.mp3 ffmpeg.mp3; do echo "$name: ffmpeg $(samples $name)"; done
)
stated='click.wav: node-web-audio-api click at 1000 ms, 240000 samples; audio-decode click at 1000 ms, 240000 samples
click.flac: node-web-audio-api click at 1000 ms, 240000 samples; audio-decode click at 1000 ms, 240000 samples
lame.mp3: node-web-audio-api click at 1023 ms, 241920 samples; audio-decode click at 1000 ms, 240000 samples
ffmpeg.mp3: node-web-audio-api click at 1023 ms, 241920 samples; audio-decode click at 1000 ms, 240000 samples
lame.mp3: ffmpeg click at 1000 ms, 240000 samples
ffmpeg.mp3: ffmpeg click at 1000 ms, 240000 samples'

echo "node-web-audio-api 1.0.9, audio-decode 3.12.0, ffmpeg 5.1.9, lame 3.100, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
