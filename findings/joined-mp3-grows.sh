#!/usr/bin/env bash
#
# Five MP3s of one second, joined without re-encoding, are 5.2 seconds.
#
# Packages: ffmpeg 5.1.9 (Debian 12, with libmp3lame).
# Expected: the concat demuxer puts files one after the other. Decoding its output gives
#   5.00 s, so `-c copy` into one MP3 should give 5.00 s as well.
# Instead: the joined file decodes to 5.18 s. Each file carries the encoder's delay and
#   padding, which its own header tells a decoder to drop; in the joined file there is
#   one header, and the other four files' padding is played.
# Why it matters: windows cut for a model and joined again drift, some 45 ms a seam, and
#   a time in the caption no longer points at the place in the original.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i sine=440:d=1:r=44100 second.mp3
for _ in 1 2 3 4 5; do echo "file 'second.mp3'"; done > list.txt
ffmpeg -v error -f concat -i list.txt -c copy joined.mp3

length() { ffmpeg -v error "$@" -ac 1 -f s16le - | wc -c | awk '{ printf "%.2f s", $1 / 2 / 44100 }'; }
seen=$(
  echo "one file: $(length -i second.mp3)"
  echo "the list, decoded: $(length -f concat -i list.txt)"
  echo "the list, copied into one MP3: $(length -i joined.mp3)"
)
stated='one file: 1.00 s
the list, decoded: 5.00 s
the list, copied into one MP3: 5.18 s'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
