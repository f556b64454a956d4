#!/usr/bin/env bash
#
# An MP3 of a free bit rate is 0 Hz to ffprobe, Layer 1 to music-metadata, and plays in LAME.
#
# Packages: ffmpeg 5.1.9, mediainfo 23.04, exiftool 12.57 and lame 3.100 (Debian 12),
#   music-metadata 11.16.1 and node-taglib-sharp 6.0.3 (npm).
# Expected: 3 s at 44.1 kHz. The standard lets a frame leave its bit rate open (index 0), up to
#   640 kbit/s, and LAME writes that when it is asked to.
# Instead: ffprobe knows the codec and no rate, and ffmpeg decodes nothing; mediainfo and exiftool
#   say nothing at all; music-metadata finds a frame of Layer 1 at 416 kbit/s and no length, with
#   the option to count too. node-taglib-sharp has the length by the tag of LAME, with a bit rate
#   of 0. `lame --decode` gives 3 s.
# Why it matters: such files aren't damaged, but whoever asks only one reader will say that they
#   are, or file them under a layer and a length that they don't have.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }
[[ $(lame --version) == *"version 3.100"* ]] || { echo "needs lame 3.100"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=3:r=44100 -ac 2 sound.wav
lame --quiet --freeformat -b 400 sound.wav sound.mp3
lame --quiet --decode sound.mp3 decoded.wav

seen=$(
  echo "ffprobe $(ffprobe -v error -show_entries stream=codec_name,sample_rate -of csv=p=0 sound.mp3 2> /dev/null)"
  echo "ffmpeg decodes $(ffmpeg -v quiet -i sound.mp3 -f s16le - 2> /dev/null | wc -c) bytes"
  echo "mediainfo '$(mediainfo '--Inform=Audio;%SamplingRate% %Duration%' sound.mp3)'"
  echo "exiftool '$(exiftool -s3 -Duration -SampleRate sound.mp3 2> /dev/null || true)'"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    const { bitrate, codec, duration } = (await parseFile("sound.mp3", { duration: true })).format
    console.log("music-metadata", codec, bitrate, duration)
    const { audioBitrate, audioSampleRate, durationMilliseconds } = File.createFromPath("sound.mp3").properties
    console.log("node-taglib-sharp", Math.round(durationMilliseconds), audioSampleRate, audioBitrate)'
  echo "lame $(ffprobe -v error -show_entries stream=sample_rate,duration -of csv=p=0 decoded.wav)"
)
stated="ffprobe mp3,0,
ffmpeg decodes 0 bytes
mediainfo ''
exiftool ''
music-metadata MPEG 1 Layer 1 416000 undefined
node-taglib-sharp 3030 44100 0
lame 44100,3.000000"

echo "ffmpeg 5.1.9, mediainfo 23.04, exiftool 12.57, lame 3.100, music-metadata 11.16.1, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
