#!/usr/bin/env bash
#
# Three seconds of WAV from a pipe last almost seven hours.
#
# Packages: ffmpeg 5.1.9 and soxi 14.4.2 (Debian 12), node-taglib-sharp 6.0.3 and
#   music-metadata 11.16.1 (npm).
# Expected: `ffmpeg … -f wav - > file.wav` makes a WAV of 3 s for everybody.
# Instead: into a pipe ffmpeg can't go back to fill in sizes and leaves 0xFFFFFFFF.
#   ffprobe and music-metadata take that for "up to the end"; soxi and node-taglib-sharp
#   believe it and report 24,348 s.
# Why it matters: such files are everywhere (whatever captured a program's output), and
#   by one reader's length a 3 s sound is over every limit of duration and cost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3 music-metadata@11.16.1

ffmpeg -v error -f lavfi -i sine=440:d=3:r=44100 -ac 2 -f wav - | cat > sound.wav

seen=$(
  printf 'ffprobe %.0f\n' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 sound.wav)"
  printf 'soxi %.0f\n' "$(soxi -D sound.wav 2> /dev/null)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    console.log("music-metadata", (await parseFile("sound.wav")).format.duration.toFixed(0))
    console.log("node-taglib-sharp", (File.createFromPath("sound.wav").properties.durationMilliseconds / 1000).toFixed(0))'
)
stated='ffprobe 3
soxi 24348
music-metadata 3
node-taglib-sharp 24348'

echo "ffmpeg 5.1.9, soxi 14.4.2, node-taglib-sharp 6.0.3, music-metadata 11.16.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
