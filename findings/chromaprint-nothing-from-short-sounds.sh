#!/usr/bin/env bash
#
# A sound of two and a half seconds has no fingerprint, and nobody says so.
#
# Packages: ffmpeg 5.1.9 (Debian 12, muxer `chromaprint`).
# Expected: a fingerprint for every sound, or an error for one that is too short.
# Instead: below about 2.7 s the output is empty and the exit code 0; at 2.8 s there is a
#   single value, at 4 s eleven.
# Why it matters: effects and samples are mostly shorter. Two empty fingerprints are equal,
#   so a search for duplicates that compares them finds all short sounds to be one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

seen=$(
  for seconds in 1 2.5 2.8 4; do
    ffmpeg -v error -f lavfi -i anoisesrc=d=$seconds:seed=1 -f chromaprint -fp_format raw print.raw && code=0 || code=$?
    echo "$seconds s: $(($(wc -c < print.raw) / 4)) values, exit code $code"
    rm print.raw
  done
)
stated='1 s: 0 values, exit code 0
2.5 s: 0 values, exit code 0
2.8 s: 1 values, exit code 0
4 s: 11 values, exit code 0'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
