#!/usr/bin/env bash
#
# The more bits and channels an AU file has, the longer it lasts for mediainfo.
#
# Packages: mediainfo 23.04, sox 14.4.2 and ffprobe 5.1.9 (Debian 12).
# Expected: three seconds are 3 s, whatever they are made of.
# Instead: mediainfo takes each byte of an AU file for a sample of one channel: 16 bits in
#   stereo are 12 s, 32 bits 24 s. Only mono in mu-law is right. soxi and ffprobe say 3 s.
# Why it matters: mediainfo is what archives trust for lengths, and AU is what old
#   workstations and Java programs recorded to.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(sox --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }

said() {
  printf '%s: soxi %.0f, ffprobe %.0f, mediainfo %.0f\n' "$1" "$(soxi -D "$2")" \
    "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$2")" \
    "$(mediainfo '--Inform=General;%Duration%' "$2")e-3"
}
sox -n -r 48000 -c 1 -e mu-law mu.au synth 3 sine 440
sox -n -r 48000 -c 2 -b 16 sixteen.au synth 3 sine 440
sox -n -r 48000 -c 2 -b 32 thirty-two.au synth 3 sine 440
seen=$(
  said "mu-law, mono" mu.au
  said "16 bits, stereo" sixteen.au
  said "32 bits, stereo" thirty-two.au
)
stated='mu-law, mono: soxi 3, ffprobe 3, mediainfo 3
16 bits, stereo: soxi 3, ffprobe 3, mediainfo 12
32 bits, stereo: soxi 3, ffprobe 3, mediainfo 24'

echo "mediainfo 23.04, sox 14.4.2, ffprobe 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
