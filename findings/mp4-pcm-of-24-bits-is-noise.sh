#!/usr/bin/env bash
#
# A quiet tone of 24 bits in an MP4 is noise at full scale to FFmpeg 5.1, of the right length.
#
# Packages: mediabunny 1.61.0 (npm), ffmpeg 5.1.9 (Debian 12); Python 3 compares the bytes.
# Expected: PCM in MP4 (ISO/IEC 23003-5, codec `ipcm`) says in its box `pcmC` how many bits a sample has
#   and in which order its bytes are. A reader goes by it, or says that it doesn't know the codec, as this
#   one does of floats (`fpcm`).
# Instead: it takes each sample for one of 16 bits, reads two bytes where there are three or four, and asks
#   nobody: rate, channels and length are right, the exit code is 0, and a tone that peaks at 0.1 is decoded as
#   noise of 1.0. With 16 bits all is well, and in QuickTime, where PCM has names of its own, of each width.
# Why it matters: editors and browsers' tools write such MP4s of studio sound, and Debian's stable FFmpeg
#   makes copies, waveforms and transcripts of noise from them. Compare the bits in `pcmC` with what is
#   reported, or read with a newer one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact mediabunny@1.61.0

for bits in s16 s24 s32 f32; do
  ffmpeg -v error -f lavfi -i "aevalsrc=0.1*sin(2*PI*440*t):s=48000:d=3" -c:a pcm_${bits}le $bits.wav
done

cat > copy.mjs << 'JS'
import { readFileSync, writeFileSync } from "node:fs"
import { ALL_FORMATS, BufferSource, BufferTarget, Conversion, Input, MovOutputFormat, Mp4OutputFormat, Output } from "mediabunny"

const [from, to] = process.argv.slice(2)
const output = new Output({ format: to.endsWith(".mov") ? new MovOutputFormat() : new Mp4OutputFormat(), target: new BufferTarget() })
const input = new Input({ source: new BufferSource(readFileSync(from)), formats: ALL_FORMATS })
await (await Conversion.init({ input, output })).execute()
writeFileSync(to, Buffer.from(output.target.buffer))
JS
# What the file says of its samples, and whether it holds those of the WAV.
cat > box.py << 'SCRIPT'
import sys

data, wav = (open(name, "rb").read() for name in sys.argv[1:])
at = data.find(b"pcmC")
same = "samples as in the WAV" if wav[wav.find(b"data") + 8 :] in data else "other samples"
print(f"pcmC {data[at + 9]} bits, {'little' if data[at + 8] & 1 else 'big'}-endian" if at > 0 else "no pcmC", same, sep=", ")
SCRIPT
decoded() {
  ffmpeg -v error -i "$1" -f f32le decoded.raw 2> /dev/null || { echo "refused"; return; }
  python3 -c '
import array

samples = array.array("f", open("decoded.raw", "rb").read())
print(f"{len(samples)} samples, peak {max(map(abs, samples)):.1f}")'
}
seen=$(
  for bits in s16 s24 s32 f32; do
    for ending in mp4 mov; do
      node copy.mjs $bits.wav $bits.$ending
      echo "$bits in $ending ($(python3 box.py $bits.$ending $bits.wav)): $(ffprobe -v quiet -show_entries stream=codec_name -of csv=p=0 $bits.$ending), $(decoded $bits.$ending)"
      rm -f decoded.raw
    done
  done
)
stated='s16 in mp4 (pcmC 16 bits, little-endian, samples as in the WAV): pcm_s16le, 144000 samples, peak 0.1
s16 in mov (no pcmC, samples as in the WAV): pcm_s16le, 144000 samples, peak 0.1
s24 in mp4 (pcmC 24 bits, little-endian, samples as in the WAV): pcm_s16le, 144000 samples, peak 1.0
s24 in mov (no pcmC, samples as in the WAV): pcm_s24le, 144000 samples, peak 0.1
s32 in mp4 (pcmC 32 bits, little-endian, samples as in the WAV): pcm_s16le, 144000 samples, peak 1.0
s32 in mov (no pcmC, samples as in the WAV): pcm_s32le, 144000 samples, peak 0.1
f32 in mp4 (pcmC 32 bits, little-endian, samples as in the WAV): unknown, refused
f32 in mov (no pcmC, samples as in the WAV): pcm_f32le, 144000 samples, peak 0.1'

echo "mediabunny 1.61.0, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
