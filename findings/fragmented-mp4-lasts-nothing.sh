#!/usr/bin/env bash
#
# A fragmented MP4 lasts 0 s for two readers, and neither has a doubt.
#
# Packages: ffmpeg 5.1.9, mediainfo 23.04 and exiftool 12.57 (Debian 12), music-metadata 11.16.1
#   and node-taglib-sharp 6.0.3 (npm).
# Expected: 3 s, or nothing where a reader can't tell.
# Instead: the header of such a file says 0, because the fragments tell their own lengths.
#   exiftool and node-taglib-sharp hand the 0 on as a length; ffprobe, mediainfo and
#   music-metadata look at the fragments.
# Why it matters: browsers, phones and streaming tools record fragments; a sound of 0 s is
#   left out by every filter for length.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=3:r=48000 -ac 2 -c:a aac -movflags frag_keyframe+empty_moov sound.mp4

seen=$(
  printf 'ffprobe %.0f\n' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 sound.mp4)"
  printf 'mediainfo %.0f\n' "$(mediainfo '--Inform=General;%Duration%' sound.mp4)e-3"
  printf 'exiftool %.0f\n' "$(exiftool -n -s3 -Duration sound.mp4)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    console.log("music-metadata", (await parseFile("sound.mp4")).format.duration.toFixed(0))
    console.log("node-taglib-sharp", File.createFromPath("sound.mp4").properties.durationMilliseconds / 1000)'
)
stated='ffprobe 3
mediainfo 3
exiftool 0
music-metadata 3
node-taglib-sharp 0'

echo "ffmpeg 5.1.9, mediainfo 23.04, exiftool 12.57, music-metadata 11.16.1, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
