#!/usr/bin/env bash
#
# A quiet tone that sox writes as CAF to a pipe begins with a bang at full scale.
#
# Packages: sox 14.4.2 and ffmpeg 5.1.9 (Debian 12).
# Expected: the same sound into a pipe as into a file, as sox's WAV and AIFF give it: a tone that
#   peaks at -20 dBFS.
# Instead: into a pipe sox can't go back to fill in sizes, and writes its header of 4 kB three
#   times: twice before the sound and once after it. A reader, told that the sound goes from the
#   first one to the end, plays the other two: 85 ms too much, with a peak of -0.8 dBFS. Into a
#   file it is right.
# Why it matters: loudness and clipping of every such recording are those of the header.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(sox --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }

tone() { sox -n -r 48000 -c 1 -b 16 -t caf "$1" synth 3 sine 440 vol 0.1 2> /dev/null; }
tone file.caf
tone - | cat > pipe.caf
seen=$(
  for name in file pipe; do
    printf '%s: %.2f s, peak %s\n' "$name" \
      "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$name.caf")" \
      "$(ffmpeg -hide_banner -i "$name.caf" -af volumedetect -f null - 2>&1 | sed -n 's/.*max_volume: //p')"
  done
)
stated='file: 3.00 s, peak -20.0 dB
pipe: 3.09 s, peak -0.8 dB'

echo "sox 14.4.2, ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
