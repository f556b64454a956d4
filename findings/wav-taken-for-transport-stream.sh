#!/usr/bin/env bash
#
# node-av's libav takes a WAV for a transport stream when its tone has the packets' period.
#
# Packages: node-av 6.1.1 (npm, with FFmpeg 8.1 in it); ffprobe 5.1.9, soxi 14.4.2 and mediainfo
#   23.04 (Debian 12).
# Expected: a file that begins with RIFF and WAVE is a WAV, whatever its samples are.
# Instead: libav also counts bytes of 0x47, the mark of a transport stream's packet, at every 192nd
#   place. Of two clipped tones of 500 Hz at 48 kHz in 8 bits one comes by such a sample in each
#   period: opened as mpegts, without a stream. The other, a little quieter, is a WAV. The older
#   ffprobe, soxi and mediainfo read both.
# Why it matters: test tones and synthesizers are exactly periodic. Such a file is called no media,
#   or its copy fails, though nothing is wrong with it. Who names the demuxer by the mark is safe.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-av@6.1.1

cat > tones.py << 'SCRIPT'
import math, wave

for name, gain in (("quieter.wav", 1.4), ("louder.wav", 1.72)):
    with wave.open(name, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(48000)
        tone = (gain * math.sin(2 * math.pi * n / 96) for n in range(96000))
        file.writeframes(bytes(128 + max(-128, min(127, math.floor(0.5 + 128 * value))) for value in tone))
SCRIPT
python3 tones.py

cat > open.mjs << 'SCRIPT'
import { FormatContext } from "node-av/lib"

for (const name of ["quieter.wav", "louder.wav"]) {
  const context = new FormatContext()
  context.allocContext()
  context.openInputSync(name, null, null)
  console.log(`node-av ${name}: ${context.iformat?.name}, ${context.streams.length} streams`)
  context.closeInputSync()
}
SCRIPT
seen=$(
  node open.mjs
  for name in quieter.wav louder.wav; do
    echo "$name: ffprobe $(ffprobe -v error -show_entries format=format_name -of csv=p=0 $name)," \
      "soxi $(soxi -t $name) $(soxi -D $name), mediainfo $(mediainfo '--Inform=General;%Format% %Duration%' $name)"
  done
)
stated="node-av quieter.wav: wav, 1 streams
node-av louder.wav: mpegts, 0 streams
quieter.wav: ffprobe wav, soxi wav 2.000000, mediainfo Wave 2000
louder.wav: ffprobe wav, soxi wav 2.000000, mediainfo Wave 2000"

echo "node-av 6.1.1, ffprobe 5.1.9, soxi 14.4.2, mediainfo 23.04, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
