#!/usr/bin/env bash
#
# ffmpeg can't read the AIFF and the W64 that it has just written to a pipe.
#
# Packages: ffmpeg 5.1.9, soxi 14.4.2 and mediainfo 23.04 (Debian 12).
# Expected: what `ffmpeg … -f aiff - | cat > file` writes can be read, as a piped WAV can.
# Instead: sizes that can't be filled in afterwards stay 0 (AIFF) or some other number that
#   is none (W64); nothing is said. ffprobe then finds no sound in it: "Invalid data". soxi
#   reads the W64 right and the AIFF as 24,348 s; mediainfo has no length for the AIFF, and
#   1.7 million years for the W64. All samples are there.
# Why it matters: "invalid data" looks like damage, and copying such a file again helps nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }

seen=$(
  for format in aiff w64; do
    ffmpeg -v warning -f lavfi -i sine=440:d=3:r=44100 -ac 2 -f "$format" - | cat > "sound.$format"
    echo "$format: $(($(stat -c %s "sound.$format") / 4 / 44100)) s of samples"
    ffprobe -v error "sound.$format" 2>&1 | sed 's/^.*: /  ffprobe: /'
    printf '  soxi: %.0f s\n' "$(soxi -D "sound.$format" 2> /dev/null)"
    milliseconds=$(mediainfo '--Inform=General;%Duration%' "sound.$format")
    echo "  mediainfo: ${milliseconds:+$((milliseconds / 1000 / 31557600)) years}"
  done
)
stated='aiff: 3 s of samples
  ffprobe: Invalid data found when processing input
  soxi: 24348 s
  mediainfo: 
w64: 3 s of samples
  ffprobe: Invalid data found when processing input
  soxi: 3 s
  mediainfo: 1656865 years'

echo "ffmpeg 5.1.9, soxi 14.4.2, mediainfo 23.04"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
