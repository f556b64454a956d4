#!/usr/bin/env bash
#
# A WavPack file of 16 channels can't be read by the program that wrote it.
#
# Packages: ffmpeg 5.1.9 and wavpack 5.6.0 (Debian 12).
# Expected: ffmpeg's own decoder takes what ffmpeg's own encoder makes: 16 channels, 2 s.
# Instead: the encoder says nothing and exits with 0. ffprobe then counts 15 channels, and decoding ends
#   with "Channel mask does not match the channel count" and 1. wvunpack reads all 16 of the
#   same file, bit for bit. Eight channels are fine both ways.
# Why it matters: theatre and ambisonics mixes are archived in a lossless codec by the tool at hand, and
#   the archive is found unreadable when it is needed. It isn't lost: wvunpack has it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(wvunpack --version) == *"5.6.0"* ]] || { echo "needs wavpack 5.6.0"; exit 2; }

seen=$(
  for channels in 8 16; do
    mix=$(for i in $(seq 0 $((channels - 1))); do printf '|c%d=%d.5e-2*c0' "$i" "$i"; done)
    layout=$([[ $channels == 8 ]] && echo 7.1 || echo hexadecagonal)
    ffmpeg -v error -f lavfi -i "sine=440:d=2:r=48000" -af "pan=$layout$mix" -c:a pcm_s16le "$channels.wav"
    ffmpeg -v error -i "$channels.wav" -c:a wavpack "$channels.wv"
    status=0
    message=$(ffmpeg -v error -i "$channels.wv" -f null - 2>&1) || status=$?
    wvunpack -q -y "$channels.wv" -o unpacked.wav
    samples() { ffmpeg -v error -i "$1" -f md5 -c:a pcm_s16le -; }
    printf '%s channels: ffprobe counts %s; decoding: exit %s%s; wvunpack: %s\n' "$channels" \
      "$(ffprobe -v error -show_entries stream=channels -of csv=p=0 "$channels.wv" 2> /dev/null)" "$status" \
      "$(grep -o 'Channel mask does not match the channel count' <<< "$message" | sort -u | sed 's/^/, /')" \
      "$([[ $(samples "$channels.wav") == "$(samples unpacked.wav)" ]] && echo "the same samples" || echo "other samples")"
  done
)
stated='8 channels: ffprobe counts 8; decoding: exit 0; wvunpack: the same samples
16 channels: ffprobe counts 15; decoding: exit 1, Channel mask does not match the channel count; wvunpack: the same samples'

echo "ffmpeg 5.1.9, wavpack 5.6.0"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
