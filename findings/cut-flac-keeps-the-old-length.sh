#!/usr/bin/env bash
#
# A FLAC that ffmpeg has cut in two without encoding lasts as long as before, and counts as damaged.
#
# Packages: ffmpeg 5.1.9, flac 1.4.2, soxi 14.4.2 and mediainfo 23.04 (Debian 12), music-metadata 11.16.1
#   (npm).
# Expected: `-ss 2.5 -c copy` from FLAC to FLAC gives a file of 2.5 s that passes `flac --test`, or whose
#   header leaves open what it can't know: 0 is "not known" there, of the length as of the hash.
# Instead: the header is the old file's. ffprobe, soxi, mediainfo and music-metadata (with `duration: true`)
#   say 5.0 s of half of that, and `flac --test` reports a mismatch of the MD5, as for a damaged file.
#   The first half, cut with `-t`, is no better.
# Why it matters: an archive's check throws the cut away, and prices, windows and progress are computed from
#   twice its length. Encode a cut of FLAC anew: it loses nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(flac --version) == "flac 1.4.2" ]] || { echo "needs flac 1.4.2"; exit 2; }
[[ $(soxi 2>&1) == *"v14.4.2"* ]] || { echo "needs soxi 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1

ffmpeg -v error -f lavfi -i anoisesrc=a=0.2:r=48000:d=5:seed=1 whole.flac
ffmpeg -v error -ss 2.5 -i whole.flac -c copy second-half.flac
ffmpeg -v error -i whole.flac -t 2.5 -c copy first-half.flac
ffmpeg -v error -ss 2.5 -i whole.flac encoded-anew.flac

cat > read.mjs << 'JS'
import { parseFile } from "music-metadata"

const { format } = await parseFile(process.argv[2], { duration: true })
console.log(format.duration.toFixed(1))
JS
seen=$(
  for name in whole second-half first-half encoded-anew; do
    file=$name.flac
    played=$(ffmpeg -v error -i $file -f s16le - | wc -c)
    test=$(flac --test --silent $file 2>&1) && test=passed
    [[ $test != *'MD5 signature mismatch'* ]] || test='MD5 mismatch'
    printf '%s: %.1f s are played; ffprobe %.1f, soxi %.1f, mediainfo %.1f, music-metadata %s; flac --test: %s\n' $name \
      "$(awk "BEGIN { print $played / 96000 }")" "$(ffprobe -v error -show_entries format=duration -of csv=p=0 $file)" \
      "$(soxi -D $file)" "$(awk "BEGIN { print $(mediainfo '--Inform=Audio;%Duration%' $file) / 1000 }")" "$(node read.mjs $file)" "$test"
  done
)
stated='whole: 5.0 s are played; ffprobe 5.0, soxi 5.0, mediainfo 5.0, music-metadata 5.0; flac --test: passed
second-half: 2.5 s are played; ffprobe 5.0, soxi 5.0, mediainfo 5.0, music-metadata 5.0; flac --test: MD5 mismatch
first-half: 2.6 s are played; ffprobe 5.0, soxi 5.0, mediainfo 5.0, music-metadata 5.0; flac --test: MD5 mismatch
encoded-anew: 2.5 s are played; ffprobe 2.5, soxi 2.5, mediainfo 2.5, music-metadata 2.5; flac --test: passed'

echo "ffmpeg 5.1.9, flac 1.4.2, soxi 14.4.2, mediainfo 23.04, music-metadata 11.16.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
