#!/usr/bin/env bash
#
# Cutting three seconds into seconds gives four files, and the fourth has no sound.
#
# Packages: ffmpeg 5.1.9 (Debian 12, muxer `segment`, libmp3lame).
# Expected: a WAV of exactly 3 s, `-f segment -segment_time 1`, three MP3s.
# Instead: four. The encoder's padding goes past 3.0 s and opens another segment that
#   holds one frame of it; ffmpeg itself decodes no sample from that file, and ffprobe
#   calls it invalid. Making it was exit code 0.
# Why it matters: every cut of a round length leaves a file that the next stage fails on,
#   or that is sent to a paid service as if it were a part of the sound.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i sine=440:d=3:r=44100 -ac 2 sound.wav
ffmpeg -v error -i sound.wav -f segment -segment_time 1 part%d.mp3

seen=$(
  for part in part*.mp3; do
    samples=$(($(ffmpeg -v error -i $part -ac 1 -f s16le - 2> /dev/null | wc -c) / 2))
    echo "$part: $([[ $samples -gt 0 ]] && echo "a sound" || echo "no sound"), ffprobe $(ffprobe -v quiet $part && echo "reads it" || echo "refuses it")"
  done
)
stated='part0.mp3: a sound, ffprobe reads it
part1.mp3: a sound, ffprobe reads it
part2.mp3: a sound, ffprobe reads it
part3.mp3: no sound, ffprobe refuses it'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
