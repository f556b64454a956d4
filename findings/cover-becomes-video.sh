#!/usr/bin/env bash
#
# A song with a cover becomes a video when it is made an Ogg.
#
# Packages: ffmpeg 5.1.9 (Debian 12, with libtheora), file-type 21.3.4 (npm).
# Expected: `ffmpeg -i song.mp3 song.ogg` makes a sound file; .ogg is a sound's name.
# Instead: ffmpeg takes the cover for a picture stream, encodes it as a Theora video of
#   one frame, and the result is a video: file-type says ogv, video/ogg. The same song
#   without a cover is audio/ogg.
# Why it matters: a step "convert to Ogg" turns every song with a cover into a film for the
#   steps after it. `-map 0:a` (or `-vn`) belongs into every conversion of sound.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact file-type@21.3.4

ffmpeg -v error -f lavfi -i sine=440:d=1 plain.mp3
ffmpeg -v error -f lavfi -i testsrc=s=64x64 -frames:v 1 cover.png
ffmpeg -v error -i plain.mp3 -i cover.png -map 0:a -map 1:v -c copy -disposition:v attached_pic covered.mp3

seen=$(
  for name in plain covered; do
    ffmpeg -v error -i $name.mp3 $name.ogg
    streams=$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 $name.ogg | paste -sd,)
    kind=$(node --input-type=module -e '
      import { fileTypeFromFile } from "file-type"
      const { ext, mime } = await fileTypeFromFile(process.argv[1])
      console.log(ext, mime)' $name.ogg)
    echo "$name.ogg: $streams · $kind"
  done
)
stated='plain.ogg: vorbis · ogg audio/ogg
covered.ogg: theora,vorbis · ogv video/ogg'

echo "ffmpeg 5.1.9, file-type 21.3.4, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
