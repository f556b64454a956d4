#!/usr/bin/env bash
#
# Three readers, three lengths for one Ogg file.
#
# Packages: ffprobe 5.1.9 and soxi 14.4.2 (Debian 12), music-metadata 11.16.1 (npm).
# Expected: Ogg allows one stream after another in a file ("chaining", what internet
#   radio records). Two links of 3 s and 2 s make 5 s, and the decoder does play 5 s.
# Instead: ffprobe reports the last link alone, music-metadata the first alone;
#   only soxi adds them up. None of them warns.
# Why it matters: a price, a progress bar or a window plan made from the probed length
#   leaves out a part of the sound that is there when it is decoded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffprobe 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1

ffmpeg -v error -f lavfi -i sine=440:d=3 -c:a libvorbis first.ogg
ffmpeg -v error -f lavfi -i sine=660:d=2 -c:a libvorbis second.ogg
cat first.ogg second.ogg > chained.ogg

seen=$(
  printf 'ffprobe %.1f\n' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 chained.ogg)"
  printf 'soxi %.1f\n' "$(soxi -D chained.ogg)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    const { format } = await parseFile("chained.ogg", { duration: true })
    console.log("music-metadata", format.duration.toFixed(1))'
  ffmpeg -v error -i chained.ogg -ac 1 -ar 44100 -f s16le - | wc -c | awk '{ printf "decoded %.1f\n", $1 / 2 / 44100 }'
)
stated='ffprobe 2.0
soxi 5.0
music-metadata 3.0
decoded 5.0'

echo "ffprobe 5.1.9, soxi 14.4.2, music-metadata 11.16.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
