#!/usr/bin/env bash
#
# Three seconds of ADPCM in a WAV are nine to three readers out of five.
#
# Packages: ffmpeg 5.1.9, soxi 14.4.2, mediainfo 23.04 and exiftool 12.57 (Debian 12),
#   node-taglib-sharp 6.0.3 (npm).
# Expected: all five say 3 s of a WAV that ffmpeg made: its `fact` chunk counts the samples.
# Instead: ffmpeg fills the header's bytes a second from its default bit rate of 128 kbit/s
#   (16,000), not from the codec's blocks, which need some 48,000. mediainfo, exiftool and
#   node-taglib-sharp divide the data by that and say 9.1 s; ffprobe and soxi count.
#   For MP3 in a WAV ffmpeg writes 0, and node-taglib-sharp says that it lasts for ever.
# Why it matters: ADPCM is what games and answering machines keep their sounds in, and a
#   length decides on limits, windows and cost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=3:r=48000 -ac 2 -c:a adpcm_ima_wav adpcm.wav
ffmpeg -v error -f lavfi -i sine=440:d=3:r=48000 -ac 2 -c:a libmp3lame mp3.wav

taglib() {
  node --input-type=module -e '
    import { File } from "node-taglib-sharp"
    console.log((File.createFromPath(process.argv[1]).properties.durationMilliseconds / 1000).toFixed(1))' "$1"
}
seen=$(
  printf 'bytes a second: %d and %d\n' "$(od -An -tu4 -j28 -N4 adpcm.wav)" "$(od -An -tu4 -j28 -N4 mp3.wav)"
  printf 'ffprobe %.1f\n' "$(ffprobe -v error -show_entries format=duration -of csv=p=0 adpcm.wav)"
  printf 'soxi %.1f\n' "$(soxi -D adpcm.wav)"
  printf 'mediainfo %.1f\n' "$(mediainfo '--Inform=General;%Duration%' adpcm.wav)e-3"
  printf 'exiftool %.1f\n' "$(exiftool -n -s3 -Duration adpcm.wav)"
  echo "node-taglib-sharp $(taglib adpcm.wav), and $(taglib mp3.wav) of MP3"
)
stated='bytes a second: 16000 and 0
ffprobe 3.0
soxi 3.0
mediainfo 9.1
exiftool 9.1
node-taglib-sharp 9.1, and Infinity of MP3'

echo "ffmpeg 5.1.9, soxi 14.4.2, mediainfo 23.04, exiftool 12.57, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
