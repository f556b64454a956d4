#!/usr/bin/env bash
#
# A FLAC from a pipe has no length for anybody, not even for who promises to count.
#
# Packages: ffprobe 5.1.9, soxi 14.4.2, mediainfo 23.04 and exiftool 12.57 (Debian 12),
#   music-metadata 11.16.1 and node-taglib-sharp 6.0.3 (npm).
# Expected: 3 s, at least from music-metadata with `duration: true`, which reads a file to its end
#   to know how long it is.
# Instead: a pipe leaves the count of samples at 0, which in FLAC stands for "not known". ffprobe
#   says N/A, mediainfo and exiftool nothing, music-metadata undefined with and without the
#   option; soxi and node-taglib-sharp take the 0 for a length. Each frame says where it is.
# Why it matters: recorders and scripts stream FLAC; a length of 0 or none is a sound that is
#   skipped, or one that no limit holds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=3:r=44100 -ac 2 -f flac - | cat > sound.flac

seen=$(
  echo "ffprobe $(ffprobe -v error -show_entries format=duration -of csv=p=0 sound.flac)"
  echo "soxi $(soxi -D sound.flac)"
  echo "mediainfo '$(mediainfo '--Inform=General;%Duration%' sound.flac)'"
  echo "exiftool '$(exiftool -n -s3 -Duration sound.flac)'"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    const { duration } = (await parseFile("sound.flac")).format
    const counted = (await parseFile("sound.flac", { duration: true })).format.duration
    console.log("music-metadata", duration, counted)
    console.log("node-taglib-sharp", File.createFromPath("sound.flac").properties.durationMilliseconds)'
)
stated="ffprobe N/A
soxi 0.000000
mediainfo ''
exiftool ''
music-metadata undefined undefined
node-taglib-sharp 0"

echo "ffprobe 5.1.9, soxi 14.4.2, mediainfo 23.04, exiftool 12.57, music-metadata 11.16.1, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
