#!/usr/bin/env bash
#
# A comment that ffmpeg writes into an MP3 is no comment to others.
#
# Packages: ffmpeg 5.1.9 (Debian 12), music-metadata 11.16.1 and node-taglib-sharp 6.0.3
#   (npm).
# Expected: after `-metadata comment=…` the text is the MP3's comment.
# Instead: ffmpeg puts it into a user-defined frame (TXXX, named "comment") and not into
#   ID3's comment frame (COMM). ffprobe shows it as the comment all the same;
#   music-metadata's and node-taglib-sharp's `comment` are empty.
# Why it matters: a description written back into a sound is invisible in the players it
#   was written for, and the tool that wrote it is the one that says it is there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=1 -metadata title=Rain -metadata comment="on a roof" sound.mp3

seen=$(
  echo "ffprobe: $(ffprobe -v error -show_entries format_tags=comment -of csv=p=0 sound.mp3)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    const { common, native } = await parseFile("sound.mp3")
    console.log("music-metadata: title", common.title, "· comment", common.comment)
    console.log("node-taglib-sharp: title", File.createFromPath("sound.mp3").tag.title, "· comment", File.createFromPath("sound.mp3").tag.comment)
    console.log("frames:", native["ID3v2.4"].map(({ id }) => id).filter((id) => id !== "TSSE").join(", "))'
)
stated='ffprobe: on a roof
music-metadata: title Rain · comment undefined
node-taglib-sharp: title Rain · comment undefined
frames: TIT2, TXXX:comment'

echo "ffmpeg 5.1.9, music-metadata 11.16.1, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
