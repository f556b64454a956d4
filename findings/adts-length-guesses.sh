#!/usr/bin/env bash
#
# The length of a raw AAC file is a guess from its first moments.
#
# Packages: ffprobe 5.1.9 (Debian 12), node-taglib-sharp 6.0.3 and music-metadata
#   11.16.1 (npm).
# Expected: a .aac file (ADTS) is a row of frames of 1,024 samples, so its length can be
#   counted: here about 3 s.
# Instead: ADTS has no header with a length. ffprobe takes the bit rate of the beginning
#   for the whole, node-taglib-sharp that of the first frame: a second of silence before
#   two of noise makes them say about twice and seven times the truth. music-metadata
#   says `undefined`, and counts only with `duration: true`.
# Why it matters: limits ("at most 20 minutes"), prices and percentages are computed
#   from this figure before anything is decoded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffprobe 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3 music-metadata@11.16.1

ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(t,1),0,random(0)-0.5)':d=3:s=44100" -c:a aac sound.aac

seen=$(
  ffmpeg -v error -i sound.aac -f s16le - | wc -c | awk '{ printf "decoded %d s\n", $1 / 2 / 44100 }'
  printf 'ffprobe %.0f s\n' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 sound.aac)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    const length = async (options) => (await parseFile("sound.aac", options)).format.duration?.toFixed(0)
    console.log("node-taglib-sharp", (File.createFromPath("sound.aac").properties.durationMilliseconds / 1000).toFixed(0), "s")
    console.log("music-metadata", await length({}), "and, when it counts,", await length({ duration: true }), "s")'
)
stated='decoded 3 s
ffprobe 6 s
node-taglib-sharp 22 s
music-metadata undefined and, when it counts, 3 s'

echo "ffprobe 5.1.9, node-taglib-sharp 6.0.3, music-metadata 11.16.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
