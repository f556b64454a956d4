#!/usr/bin/env bash
#
# mediainfo makes three seconds 24, and 0.7; sox can't tell how long its own file is.
#
# Packages: sox 14.4.2, mediainfo 23.04, ffprobe 5.1.9 (Debian 12).
# Expected: a Sun file says in its header how wide a sample is, a CAF how many bytes of
#   sound follow, a VOC how long each block is: each reader gives 3 s for 3 s of sound.
# Instead: for a Sun file with samples of 64 bits mediainfo gives eight times the length
#   (it counts a sample a byte), for a CAF that sox wrote less than a quarter of it; for
#   a VOC soxi gives 0 and nothing says that this means "unknown". ffprobe has all three.
# Why it matters: sound archives hold these formats, and catalogues are filled from
#   mediainfo. A wrong length is no error: it is a number like any other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

versions="$(sox --version | grep -o 'v[0-9.]*$') $(mediainfo --Version | grep -o 'v[0-9.]*$') $(ffprobe -version | grep -om1 'version [0-9.]*')"
[[ $versions == "v14.4.2 v23.04 version 5.1.9" ]] || { echo "other versions: $versions"; exit 2; }

sox -n -r 44100 -b 16 -c 1 tone.wav synth 3 sine 440 gain -20
sox tone.wav -e float -b 64 double.au
sox tone.wav core.caf
sox tone.wav creative.voc

seen=$(
  for file in double.au core.caf creative.voc; do
    decoded=$(ffmpeg -v error -nostdin -i $file -f s16le - | wc -c)
    printf '%s: decoded %.1f s, ffprobe %.1f s, mediainfo %s ms, soxi %.1f s\n' $file \
      "$(awk "BEGIN { print $decoded / 2 / 44100 }")" \
      "$(ffprobe -v error -show_entries format=duration -of csv=p=0 $file)" \
      "$(mediainfo --Inform='General;%Duration%' $file)" "$(soxi -D $file)"
  done
)
stated='double.au: decoded 3.0 s, ffprobe 3.0 s, mediainfo 24000 ms, soxi 3.0 s
core.caf: decoded 3.0 s, ffprobe 3.0 s, mediainfo 696 ms, soxi 3.0 s
creative.voc: decoded 3.0 s, ffprobe 3.0 s, mediainfo  ms, soxi 0.0 s'

echo "sox, mediainfo, ffprobe: $versions"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
