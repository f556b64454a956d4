#!/usr/bin/env bash
#
# A studio recording at 96 kHz in an M4A has 0 Hz for three readers, and one at 88.2 as well.
#
# Packages: music-metadata 11.16.1 and node-taglib-sharp 6.0.3 (npm); ffmpeg 5.1.9, mediainfo 23.04 and
#   exiftool 12.57 (Debian 12).
# Expected: 48,000, 88,200, 96,000 and 192,000, as of the same sounds in FLAC.
# Instead: the box that describes an MP4's sound has 16 bits for a whole rate, so none above 65,535 fits in, and
#   writers put a 0 there; the rate stands in the coding's own box (`alac`, `dfLa`) and in the track's
#   time scale. music-metadata, node-taglib-sharp and exiftool hand the 0 on as the rate, of ALAC as of
#   FLAC. ffprobe and mediainfo look further.
# Why it matters: what is divided by a rate becomes infinite, a filter for "at least 44.1 kHz" leaves out the best
#   recordings, and music in high resolution is sold like this. Take a 0 for "not known" and ask another reader.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

cat > read.mjs << 'JS'
import { parseFile } from "music-metadata"
import { File } from "node-taglib-sharp"

const [path] = process.argv.slice(2)
const { format } = await parseFile(path)
const file = File.createFromPath(path)
console.log(`music-metadata ${format.sampleRate}, node-taglib-sharp ${file.properties.audioSampleRate}`)
file.dispose()
JS
seen=$(
  for rate in 48000 88200 96000 192000; do
    ffmpeg -v error -y -f lavfi -i "sine=440:r=$rate:d=1" sound.flac
    ffmpeg -v error -y -i sound.flac -c:a alac alac.m4a
    ffmpeg -v error -y -i sound.flac -c:a copy -strict experimental flac.mp4
    for name in sound.flac alac.m4a flac.mp4; do
      ffprobe=$(ffprobe -v error -show_entries stream=sample_rate -of csv=p=0 $name)
      mediainfo=$(mediainfo --Inform='Audio;%SamplingRate%' $name)
      exiftool=$(exiftool -s3 -n -AudioSampleRate -SampleRate $name)
      echo "$rate Hz, $name: ffprobe $ffprobe, mediainfo $mediainfo, exiftool $exiftool, $(node read.mjs $name)"
    done
  done
)
stated='48000 Hz, sound.flac: ffprobe 48000, mediainfo 48000, exiftool 48000, music-metadata 48000, node-taglib-sharp 48000
48000 Hz, alac.m4a: ffprobe 48000, mediainfo 48000, exiftool 48000, music-metadata 48000, node-taglib-sharp 48000
48000 Hz, flac.mp4: ffprobe 48000, mediainfo 48000, exiftool 48000, music-metadata 48000, node-taglib-sharp 48000
88200 Hz, sound.flac: ffprobe 88200, mediainfo 88200, exiftool 88200, music-metadata 88200, node-taglib-sharp 88200
88200 Hz, alac.m4a: ffprobe 88200, mediainfo 88200, exiftool 0, music-metadata 0, node-taglib-sharp 0
88200 Hz, flac.mp4: ffprobe 88200, mediainfo 88200, exiftool 0, music-metadata 0, node-taglib-sharp 0
96000 Hz, sound.flac: ffprobe 96000, mediainfo 96000, exiftool 96000, music-metadata 96000, node-taglib-sharp 96000
96000 Hz, alac.m4a: ffprobe 96000, mediainfo 96000, exiftool 0, music-metadata 0, node-taglib-sharp 0
96000 Hz, flac.mp4: ffprobe 96000, mediainfo 96000, exiftool 0, music-metadata 0, node-taglib-sharp 0
192000 Hz, sound.flac: ffprobe 192000, mediainfo 192000, exiftool 192000, music-metadata 192000, node-taglib-sharp 192000
192000 Hz, alac.m4a: ffprobe 192000, mediainfo 192000, exiftool 0, music-metadata 0, node-taglib-sharp 0
192000 Hz, flac.mp4: ffprobe 192000, mediainfo 192000, exiftool 0, music-metadata 0, node-taglib-sharp 0'

echo "music-metadata 11.16.1, node-taglib-sharp 6.0.3, ffmpeg 5.1.9, mediainfo 23.04, exiftool 12.57, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
