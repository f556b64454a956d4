#!/usr/bin/env bash
#
# Vorbis that mediabunny copies comes 12 ms early: the first packet is left out.
#
# Packages: mediabunny 1.61.0 (npm), mkvmerge 74.0.0, ffmpeg 5.1.9 and vorbis-tools 1.4.2 (Debian 12).
# Expected: a click at 1.000 s of an Ogg stays there when its packets are copied into Matroska, as it does
#   by mkvmerge and ffmpeg. A Vorbis packet gives sound only together with the one before (Vorbis I, 1.3.2), so
#   the first one lasts 0 s and is needed all the same.
# Instead: mediabunny takes a packet that lasts 0 s at 0 s for one that ends before the copy begins. The next
#   packet is then the first and gives no sound: 576 samples are missing, and all that follows comes early.
#   Into Ogg, WebM and MP4 it is the same.
# Why it matters: captions and cuts of the Ogg don't fit the copy, tracks of one recording that are copied and
#   not copied don't fit each other, and no count of bytes or seconds shows it. Compare the number of packets.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mkvmerge --version) == "mkvmerge v74.0.0"* ]] || { echo "needs mkvmerge 74.0.0"; exit 2; }
[[ $(oggenc --version) == *"vorbis-tools 1.4.2" ]] || { echo "needs vorbis-tools 1.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact mediabunny@1.61.0

# A click of 2 ms at each second but the first.
ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.002)*gte(t,0.5),0.8*sin(2*PI*1000*t),0)':s=48000:d=5" -bitexact click.wav
oggenc --quiet -q 4 --output click.ogg click.wav

cat > copy.mjs << 'JS'
import { readFileSync, writeFileSync } from "node:fs"
import { ALL_FORMATS, BufferSource, BufferTarget, Conversion, Input, MkvOutputFormat, Output } from "mediabunny"

const input = new Input({ source: new BufferSource(readFileSync("click.ogg")), formats: ALL_FORMATS })
const output = new Output({ format: new MkvOutputFormat(), target: new BufferTarget() })
await (await Conversion.init({ input, output })).execute()
writeFileSync("mediabunny.mka", Buffer.from(output.target.buffer))
JS
node copy.mjs
mkvmerge --quiet --output mkvmerge.mka click.ogg
ffmpeg -v error -i click.ogg -c copy ffmpeg.mka
oggdec --quiet --output oggdec.wav click.ogg

click() {
  ffmpeg -v error -i "$1" -f f32le -ac 1 -ar 48000 - | python3 -c '
import array, sys

samples = array.array("f", sys.stdin.buffer.read())
print(f"click at {next(n for n, sample in enumerate(samples) if abs(sample) > 0.2) / 48:.0f} ms")'
}
packets() { ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of default=nw=1:nk=1 "$1"; }
seen=$(
  for name in click.ogg mkvmerge.mka ffmpeg.mka mediabunny.mka; do echo "$name: $(packets $name) packets, $(click $name)"; done
  echo "click.ogg by oggdec: $(click oggdec.wav)"
)
stated='click.ogg: 263 packets, click at 1000 ms
mkvmerge.mka: 263 packets, click at 1000 ms
ffmpeg.mka: 263 packets, click at 1000 ms
mediabunny.mka: 262 packets, click at 988 ms
click.ogg by oggdec: click at 1000 ms'

echo "mediabunny 1.61.0, mkvmerge 74.0.0, ffmpeg 5.1.9, vorbis-tools 1.4.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
