#!/usr/bin/env bash
#
# A comment of several lines overwrites the length and the bit rate that fluent-ffmpeg reports.
#
# Packages: fluent-ffmpeg 2.1.3 (npm) with ffprobe 5.1.9 (Debian 12).
# Expected: `ffprobe()` of a FLAC of 3 s says 3 s, and gives the comment as it is, whatever is in it.
# Instead: the library reads ffprobe's plain output line by line, where a text keeps its line ends. The
#   first line of a comment is the comment; each further one that has a "=" in it is taken for a field of
#   the file, and replaces what was read before. A log of the encoder, of lines such as "duration=240", is
#   then the truth. Other lines of a comment, and of lyrics, are lost. ffprobe's own JSON has it all right.
# Why it matters: taggers and restorers note their settings in just this form, and lengths decide on cuts,
#   prices and what is left out. Ask for JSON (`-of json`) and parse that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffprobe 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact fluent-ffmpeg@2.1.3 2> /dev/null

ffmpeg -v error -f lavfi -i sine=440:r=48000:d=3 -metadata "comment=Restored from tape
The source was noisy
duration=240
bit_rate=1411200" song.flac

cat > probe.mjs << 'JS'
import { execFileSync } from "node:child_process"
import ffmpeg from "fluent-ffmpeg"

const tell = (name, { bit_rate, duration, tags }) => {
  const rate = Number(bit_rate) === 1411200 ? "the bit rate of the comment" : "another bit rate"
  console.log(`${name}: ${Number(duration)} s, ${rate}, comment ${JSON.stringify(tags.comment ?? tags.COMMENT)}`)
}
const json = execFileSync("ffprobe", "-v error -show_format -of json song.flac".split(" "))
tell("ffprobe, JSON", JSON.parse(json).format)
ffmpeg.ffprobe("song.flac", (error, found) => tell("fluent-ffmpeg", found.format))
JS
seen=$(timeout 60 node probe.mjs)
stated='ffprobe, JSON: 3 s, another bit rate, comment "Restored from tape\nThe source was noisy\nduration=240\nbit_rate=1411200"
fluent-ffmpeg: 240 s, the bit rate of the comment, comment "Restored from tape"'

echo "fluent-ffmpeg 2.1.3, ffprobe 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
