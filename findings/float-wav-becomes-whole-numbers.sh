#!/usr/bin/env bash
#
# wavefile takes ffmpeg's floating-point WAV for whole numbers, and makes a square of a sine.
#
# Packages: wavefile 11.0.0 (npm), ffmpeg 5.1.9 (Debian 12).
# Expected: samples between -0.125 and 0.125, as the file has them, and as wavefile reads them from a
#   file of its own.
# Instead: ffmpeg writes WAVE_FORMAT_EXTENSIBLE for more than 16 bits: what the samples are stands in the
#   sub-format. wavefile puts the sub-format into its fields and doesn't go by it: 32 bits are whole
#   numbers, the bytes of a float among them. The quiet tone jumps between -0.56 and 0.48. 64 bits
#   are read rightly, for there are no such whole numbers.
# Why it matters: level and clipping, and what a model hears, are of another sound, with the right length,
#   rate and channels. Look at `fmt.subformat[0]` (3 is float), or have ffmpeg write pcm_s16le.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact wavefile@11.0.0

for codec in pcm_s16le pcm_s24le pcm_f32le pcm_f64le; do ffmpeg -v error -f lavfi -i sine=440:d=1 -c:a $codec $codec.wav; done
cat > read.mjs << 'JS'
import { readFileSync, writeFileSync } from "node:fs"
import wavefile from "wavefile"

const read = (name) => {
  const wav = new wavefile.WaveFile(readFileSync(`${name}.wav`))
  const { audioFormat, subformat } = wav.fmt
  wav.toBitDepth("64")
  const samples = wav.getSamples(false, Float64Array)
  const [low, high] = [Math.min(...samples), Math.max(...samples)].map((one) => one.toFixed(3))
  const loud = samples.filter((one) => Math.abs(one) > 0.4).length / samples.length
  console.log(`${name}: format ${audioFormat.toString(16)}, sub-format ${subformat[0] ?? 0}: ${low} to ${high}, ${Math.round(100 * loud)} % above 0.4`)
}
for (const name of ["pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_f64le"]) read(name)
const own = new wavefile.WaveFile()
own.fromScratch(1, 44_100, "32f", Array.from({ length: 44_100 }, (_, n) => 0.125 * Math.sin((2 * Math.PI * 440 * n) / 44_100)))
writeFileSync("own.wav", own.toBuffer())
read("own")
JS
seen=$(node read.mjs)
stated='pcm_s16le: format 1, sub-format 0: -0.125 to 0.125, 0 % above 0.4
pcm_s24le: format fffe, sub-format 1: -0.125 to 0.125, 0 % above 0.4
pcm_f32le: format fffe, sub-format 3: -0.563 to 0.484, 100 % above 0.4
pcm_f64le: format fffe, sub-format 3: -0.125 to 0.125, 0 % above 0.4
own: format 3, sub-format 0: -0.125 to 0.125, 0 % above 0.4'

echo "wavefile 11.0.0, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
