#!/usr/bin/env bash
#
# A steady tone of exactly three seconds has a loudness range of 20 LU.
#
# Packages: ffmpeg 5.1.9 (Debian 12), filter `ebur128`.
# Expected: the loudness range of a tone that never changes is 0 LU, however long it is.
# Instead: at 3.0 s it is 20.0 LU; at 2 s and from 3.5 s on it is 0.0. The range is taken
#   from windows of 3 s, and with a single window its lower end falls to the gate, 20 LU
#   below.
# Why it matters: three seconds is a favourite length for clips and windows, and "very
#   dynamic" is just what a range of 20 LU means to whoever reads or filters by it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

seen=$(
  for seconds in 2 3 3.5 10; do
    ffmpeg -hide_banner -nostats -f lavfi -i sine=440:d=$seconds:r=48000 -af ebur128 -f null - 2>&1 |
      awk -v seconds=$seconds '/^ *LRA: / { range = $2 } END { print seconds " s: " range " LU" }'
  done
)
stated='2 s: 0.0 LU
3 s: 20.0 LU
3.5 s: 0.0 LU
10 s: 0.0 LU'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
