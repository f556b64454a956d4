#!/usr/bin/env bash
#
# Two artists become one when ffmpeg copies a FLAC.
#
# Packages: ffmpeg 5.1.9 and metaflac 1.4.2 (Debian 12).
# Expected: Vorbis comments may name a field twice, and two ARTIST fields are how FLAC,
#   Ogg and Opus say that there are two. `ffmpeg -c copy` from FLAC to FLAC keeps both.
# Instead: the copy has a single ARTIST whose text is "One;Two". ffmpeg's
#   dictionary has one value a key: it joins on reading and never splits again on
#   writing.
# Why it matters: a copy "without changes" has lost which names there were; a player that
#   knew two artists knows one, and a semicolon within a name can't be told from two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(metaflac --version) == "metaflac 1.4.2" ]] || { echo "needs metaflac 1.4.2"; exit 2; }

ffmpeg -v error -f lavfi -i sine=440:d=1 original.flac
metaflac --remove-tag=ARTIST --set-tag=ARTIST=One --set-tag=ARTIST=Two original.flac
ffmpeg -v error -i original.flac -c copy copied.flac

seen=$(
  for file in original copied; do
    echo "$file: $(metaflac --show-tag=ARTIST $file.flac | paste -sd' ')"
  done
)
stated='original: ARTIST=One ARTIST=Two
copied: ARTIST=One;Two'

echo "ffmpeg 5.1.9, metaflac 1.4.2"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
