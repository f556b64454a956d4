#!/usr/bin/env bash
#
# A sound that begins four seconds into a Matroska file says so; after six it says 0.
#
# Packages: ffmpeg and ffprobe 5.1.9 (Debian 12).
# Expected: a stream's start time is that of its first packet: about 4 s and about 6 s.
# Instead: ffprobe stops looking before the late stream's first packet comes and gives it the
#   file's start, 0, without a mark that it is a guess. Its first packet says 5.987.
# Why it matters: who cuts or places sound by the stream's start time puts six seconds of it in
#   the wrong place, and only where the sound comes late enough.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

seen=$(
  for late in 4 6; do
    ffmpeg -v error -f lavfi -i testsrc=d=12:r=10:s=160x120 -itsoffset "$late" -f lavfi -i sine=440:d=3:r=48000 \
      -c:v mpeg4 -c:a libopus "$late.mkv"
    printf 'sound after %s s: start time %.2f, first packet %.2f\n' "$late" \
      "$(ffprobe -v error -select_streams a -show_entries stream=start_time -of csv=p=0 "$late.mkv")" \
      "$(ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 "$late.mkv" | head -n 1 | tr -d ,)"
  done
)
stated='sound after 4 s: start time 3.99, first packet 3.99
sound after 6 s: start time 0.00, first packet 5.99'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
