#!/usr/bin/env bash
#
# What mediabunny writes as Ogg Vorbis is no Vorbis to the programs that are named after it.
#
# Packages: mediabunny 1.61.0 (npm), vorbis-tools 1.4.2 and ffmpeg 5.1.9 (Debian 12); Python 3 reads a header.
# Expected: a file of `oggenc`, copied by mediabunny without encoding, is opened by `oggdec` and `ogginfo`.
# Instead: mediabunny writes the comments anew and leaves out the framing bit, the last one of that header. The
#   specification (Vorbis I, 5.2.1) has it there, and calls the end of a stream that lacks it an error: libvorbis
#   refuses the file. FFmpeg doesn't look at the bit and plays it. The package reads its own file too.
# Why it matters: the copy plays where it is tried out, in browsers and everything built on FFmpeg, and is silent
#   in games and players that use libvorbis. Put the bit there, a byte of 1 at the end of the header, and mend
#   the page's checksum; or have FFmpeg copy it once more, which writes its own header.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(oggenc --version) == *"vorbis-tools 1.4.2" ]] || { echo "needs vorbis-tools 1.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact mediabunny@1.61.0

ffmpeg -v error -f lavfi -i sine=440:r=48000:d=3 -bitexact tone.wav
oggenc --quiet --output oggenc.ogg tone.wav

cat > copy.mjs << 'JS'
import { readFileSync, writeFileSync } from "node:fs"
import { ALL_FORMATS, BufferSource, BufferTarget, Conversion, Input, OggOutputFormat, Output } from "mediabunny"

const open = (name) => new Input({ source: new BufferSource(readFileSync(name)), formats: ALL_FORMATS })
const output = new Output({ format: new OggOutputFormat(), target: new BufferTarget() })
await (await Conversion.init({ input: open("oggenc.ogg"), output })).execute()
writeFileSync("mediabunny.ogg", Buffer.from(output.target.buffer))
console.log(`mediabunny reads its own: ${(await (await open("mediabunny.ogg").getPrimaryAudioTrack()).getCodec())}`)
JS
# The comment header: its vendor, how many comments follow, and what stands behind them.
cat > header.py << 'SCRIPT'
import sys

data = open(sys.argv[1], "rb").read()
at = data.index(b"\x03vorbis") + 7
number = lambda at: int.from_bytes(data[at : at + 4], "little")
at += 4 + number(at)
count, at = number(at), at + 4
for _ in range(count):
    at += 4 + number(at)
# Behind the comments comes the bit, then the next header, which begins with 5.
print("framing bit set" if data[at] == 1 else "next header at once" if data[at : at + 7] == b"\x05vorbis" else "something else")
SCRIPT
seen=$(
  node copy.mjs
  ffmpeg -v error -i mediabunny.ogg -c copy ffmpeg.ogg
  for name in oggenc mediabunny ffmpeg; do
    oggdec --quiet --output $name.wav $name.ogg 2> /dev/null && decoded=decodes || decoded=refuses
    ogginfo $name.ogg > info.txt 2>&1 || true
    ffmpeg -v error -i $name.ogg -f null - 2> /dev/null && played=plays || played=refuses
    echo "$name.ogg: $(python3 header.py $name.ogg); oggdec $decoded, ogginfo $(grep -q "invalid Vorbis" info.txt && echo "says invalid" || echo "is content"), ffmpeg $played"
  done
)
stated='mediabunny reads its own: vorbis
oggenc.ogg: framing bit set; oggdec decodes, ogginfo is content, ffmpeg plays
mediabunny.ogg: next header at once; oggdec refuses, ogginfo says invalid, ffmpeg plays
ffmpeg.ogg: framing bit set; oggdec decodes, ogginfo is content, ffmpeg plays'

echo "mediabunny 1.61.0, vorbis-tools 1.4.2, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
