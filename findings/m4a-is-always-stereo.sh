#!/usr/bin/env bash
#
# A mono M4A is stereo to both tag libraries, and so is a 7.1.
#
# Packages: music-metadata 11.16.1 and node-taglib-sharp 6.0.3 (npm); ffmpeg 5.1.9 and mediainfo 23.04
#   (Debian 12).
# Expected: 1, 2, 6 and 8 channels, as of the same sounds in ADTS, FLAC or Opus.
# Instead: 2 for each. The box that describes an MP4's sound has a field for channels in which ffmpeg, like
#   others, leaves a 2 whatever it writes; the coding's own configuration, a few bytes further on,
#   tells. ffprobe and mediainfo look there. In the same way both libraries say 2 of mono AC-3.
# Why it matters: "is it mono?" decides on a mix, "is it surround?" on what a model is sent, and nothing
#   shows that the answer is a constant. Phones record speech to M4A in mono.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

for channels in 1 2 6 8; do
  ffmpeg -v error -f lavfi -i sine=440:d=1 -ac $channels -c:a aac $channels.m4a
  ffmpeg -v error -f lavfi -i sine=440:d=1 -ac $channels $channels.flac
done
ffmpeg -v error -f lavfi -i sine=440:r=48000:d=1 -c:a ac3 ac3.mp4

cat > read.mjs << 'JS'
import { parseFile } from "music-metadata"
import taglib from "node-taglib-sharp"

const { format } = await parseFile(process.argv[2])
const file = taglib.File.createFromPath(process.argv[2])
console.log(`music-metadata ${format.numberOfChannels}, node-taglib-sharp ${file.properties.audioChannels}`)
file.dispose()
JS
seen=$(
  for name in {1,2,6,8}.m4a ac3.mp4 {1,6}.flac; do
    echo "$name: ffprobe $(ffprobe -v error -show_entries stream=channels -of default=nw=1:nk=1 $name), mediainfo $(mediainfo '--Inform=Audio;%Channels%' $name), $(node read.mjs $name)"
  done
)
stated='1.m4a: ffprobe 1, mediainfo 1, music-metadata 2, node-taglib-sharp 2
2.m4a: ffprobe 2, mediainfo 2, music-metadata 2, node-taglib-sharp 2
6.m4a: ffprobe 6, mediainfo 6, music-metadata 2, node-taglib-sharp 2
8.m4a: ffprobe 8, mediainfo 8, music-metadata 2, node-taglib-sharp 2
ac3.mp4: ffprobe 1, mediainfo 1, music-metadata 2, node-taglib-sharp 2
1.flac: ffprobe 1, mediainfo 1, music-metadata 1, node-taglib-sharp 1
6.flac: ffprobe 6, mediainfo 6, music-metadata 6, node-taglib-sharp 6'

echo "music-metadata 11.16.1, node-taglib-sharp 6.0.3, ffmpeg 5.1.9, mediainfo 23.04, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
