#!/usr/bin/env bash
#
# The same AAC sound has two hashes, one in .aac and one in .m4a.
#
# Packages: ffmpeg 5.1.9 (Debian 12).
# Expected: `-c copy -f md5` hashes the encoded packets, so putting a sound into another
#   container without re-encoding leaves the hash as it was. For MP3 it does.
# Instead: AAC out of a raw .aac file (ADTS) has another hash than the same AAC in M4A or
#   Matroska: ADTS packets carry a header of 7 bytes each, which the others don't. M4A
#   and Matroska agree, and all three decode to the same samples.
# Why it matters: the hash of the packets is a popular identity for "same sound, other
#   tags". It misses AAC that was only repacked; the hash of decoded samples does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i sine=440:d=3 -c:a aac sound.aac
ffmpeg -v error -f lavfi -i sine=440:d=3 sound.mp3
for to in m4a mka; do ffmpeg -v error -i sound.aac -c copy sound.$to; done
ffmpeg -v error -i sound.mp3 -c copy repacked.mka

different() { for file in "${@:2}"; do ffmpeg -v error -i "$file" -c:a "$1" -f md5 -; done | sort -u | wc -l; }
seen=$(
  echo "mp3, mka: packets $(different copy sound.mp3 repacked.mka)"
  echo "aac, m4a, mka: packets $(different copy sound.aac sound.m4a sound.mka), samples $(different pcm_s16le sound.aac sound.m4a sound.mka)"
  echo "m4a, mka: packets $(different copy sound.m4a sound.mka)"
)
stated='mp3, mka: packets 1
aac, m4a, mka: packets 2, samples 1
m4a, mka: packets 1'

echo "ffmpeg 5.1.9 (numbers are of different hashes)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
