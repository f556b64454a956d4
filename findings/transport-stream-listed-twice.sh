#!/usr/bin/env bash
#
# ffprobe lists the one video of a transport stream twice.
#
# Packages: ffprobe 5.1.9 (Debian 12).
# Expected: `-select_streams v:0 -show_entries stream=width -of csv=p=0` prints one line,
#   whatever the container; that is how scripts ask for a width.
# Instead: for an MPEG transport stream it prints it twice, once as part of the program
#   that the stream belongs to and once by itself, though no program was asked for. In
#   JSON the two are apart (`programs[].streams` and `streams`), in csv and default
#   they follow each other unmarked.
# Why it matters: what a camera or a recorder of broadcasts writes is a transport stream.
#   A script that takes the output for a number gets two, and one that counts lines finds
#   two videos; with Matroska all is well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffprobe 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i testsrc=d=1:s=320x240 -f lavfi -i sine=d=1 -c:v mpeg2video -c:a mp2 film.ts
ffmpeg -v error -i film.ts -c copy film.mkv

seen=$(
  for file in film.mkv film.ts; do
    widths=$(ffprobe -v error -select_streams v:0 -show_entries stream=width -of default=nw=1:nk=1 $file | paste -sd' ')
    streams=$(ffprobe -v error -show_entries stream=index -of json $file | node -e '
      const { programs, streams } = JSON.parse(require("fs").readFileSync(0, "utf8"))
      console.log(`${streams.length} streams and ${(programs ?? []).flatMap((program) => program.streams).length} in programs`)')
    echo "$file: width $widths; in JSON $streams"
  done
)
stated='film.mkv: width 320; in JSON 2 streams and 0 in programs
film.ts: width 320 320; in JSON 2 streams and 2 in programs'

echo "ffprobe 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
