#!/usr/bin/env bash
#
# Giving an Ogg film a title takes away the second half of its picture.
#
# Packages: vorbiscomment 1.4.2 (vorbis-tools) and ffmpeg 5.1.9 (Debian 12).
# Expected: `vorbiscomment -w` replaces the comments of the Vorbis sound and copies everything else, or
#   refuses a file that has more in it than that sound.
# Instead: it copies only a part of the other streams' pages. Of ten seconds of picture, 250 frames, the
#   first 121 are left, the sound is whole, the exit code is 0 and nothing is said. Of two sounds in
#   one file the second loses half as well.
# Why it matters: the copy begins as it should and has the right length, so whoever opens it sees
#   nothing wrong. Tag such a file with something that copies packets (ffmpeg -c copy), and count each
#   stream's packets before and after.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(vorbiscomment --version 2>&1) == *"vorbis-tools 1.4.2"* ]] || { echo "needs vorbiscomment 1.4.2"; exit 2; }

ffmpeg -v error -f lavfi -i testsrc=s=160x120:r=25:d=10 -f lavfi -i sine=440:d=10 -c:v libtheora -c:a libvorbis film.ogv
ffmpeg -v error -f lavfi -i sine=440:d=10 -f lavfi -i sine=880:d=10 -map 0 -map 1 -c:a libvorbis two.ogg

# Each stream's codec and packets.
packets() {
  ffprobe -v error -count_packets -show_entries stream=codec_name,nb_read_packets -of csv=p=0 "$1" | paste -sd ' '
}
seen=$(
  for name in film.ogv two.ogg; do
    status=0
    vorbiscomment -w -t "TITLE=A walk" "$name" "new-$name" || status=$?
    echo "$name: $(packets "$name"); with a title: $(packets "new-$name"); exit $status"
  done
)
stated="film.ogv: theora,250 vorbis,433; with a title: theora,121 vorbis,433; exit 0
two.ogg: vorbis,433 vorbis,433; with a title: vorbis,433 vorbis,213; exit 0"

echo "vorbiscomment 1.4.2, ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
