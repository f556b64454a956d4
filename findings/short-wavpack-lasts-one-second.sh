#!/usr/bin/env bash
#
# WavPack sounds of up to ten seconds last one second for mediainfo.
#
# Packages: ffmpeg 5.1.9 and mediainfo 23.04 (Debian 12), music-metadata 11.16.1 (npm).
# Expected: 3, 10 and 20 s: the first block of each file says how many samples all of them hold,
#   and that is right.
# Instead: mediainfo says 1 s of the first two, and 20 s of the last. ffprobe and music-metadata
#   are right of all three.
# Why it matters: an archive that checks copies by mediainfo's length finds short ones cut off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1

seen=$(
  for seconds in 3 10 20; do
    ffmpeg -v error -f lavfi -i "sine=440:d=$seconds:r=48000" -ac 2 -c:a wavpack "$seconds.wv"
    printf '%s s: first block says %.0f, ffprobe %.0f, music-metadata %.0f, mediainfo %.0f\n' "$seconds" \
      "$(($(od -An -tu4 -j12 -N4 "$seconds.wv") / 48000))" \
      "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$seconds.wv")" \
      "$(node --input-type=module -e '
        import { parseFile } from "music-metadata"
        console.log((await parseFile(process.argv[1])).format.duration)' "$seconds.wv")" \
      "$(mediainfo '--Inform=General;%Duration%' "$seconds.wv")e-3"
  done
)
stated='3 s: first block says 3, ffprobe 3, music-metadata 3, mediainfo 1
10 s: first block says 10, ffprobe 10, music-metadata 10, mediainfo 1
20 s: first block says 20, ffprobe 20, music-metadata 20, mediainfo 20'

echo "ffmpeg 5.1.9, mediainfo 23.04, music-metadata 11.16.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
