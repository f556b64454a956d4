#!/usr/bin/env bash
#
# The frame rate that node-av gives first for a DV tape is 60,000 pictures a second.
#
# Packages: node-av 6.1.1 (npm); its prebuilt library comes as an npm package. The tapes
#   are made, and counted, by ffmpeg 5.1.9 (Debian 12).
# Expected: one second of DV holds 30 pictures at 30000/1001 a second, or 25; both rates
#   that libav tells of a stream say so, as those of ffprobe 5.1.9 do.
# Instead: `avgFrameRate` is 60000/1, whatever the tape; `rFrameRate` is right.
# Why it matters: the average is the rate that most programs show and reckon with. One
#   second of a tape becomes two thousand times as many pictures to look at, or none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(ffmpeg -version | grep -om1 'version [0-9.]*')
[[ $version == "version 5.1.9" ]] || { echo "other ffmpeg: $version"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-av@6.1.1

ffmpeg -v error -f lavfi -i testsrc2=s=720x480:r=30000/1001:d=1 -target ntsc-dv ntsc.dv
ffmpeg -v error -f lavfi -i testsrc2=s=720x576:r=25:d=1 -target pal-dv pal.dv

cat > rates.mjs << 'JS'
import { Demuxer } from "node-av/api"
const text = ({ num, den }) => `${num}/${den}`
const demuxer = Demuxer.openSync(process.argv[2])
const { avgFrameRate, rFrameRate } = demuxer.video()
console.log("node-av average", text(avgFrameRate), "least", text(rFrameRate))
process.exit()
JS
seen=$(
  for file in ntsc.dv pal.dv; do
    echo "$file: $(ffprobe -v error -select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0 $file) pictures;" \
      "ffprobe average $(ffprobe -v error -select_streams v -show_entries stream=avg_frame_rate -of csv=p=0 $file)" \
      "least $(ffprobe -v error -select_streams v -show_entries stream=r_frame_rate -of csv=p=0 $file);" \
      "$(timeout 60 node rates.mjs $file 2> /dev/null)"
  done
)
stated='ntsc.dv: 30 pictures; ffprobe average 30000/1001 least 30000/1001; node-av average 60000/1 least 30000/1001
pal.dv: 25 pictures; ffprobe average 25/1 least 25/1; node-av average 60000/1 least 25/1'

echo "node-av 6.1.1, ffmpeg $version"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
