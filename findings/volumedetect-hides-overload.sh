#!/usr/bin/env bash
#
# volumedetect says 0.0 dB of a sound that peaks at +6 dB.
#
# Packages: ffmpeg 5.1.9 (Debian 12).
# Expected: `volumedetect` measures the loudest sample: a float WAV whose sine has twice
#   full scale has a peak of +6.0 dB, as `astats` says.
# Instead: it says 0.0 dB. The filter takes 16-bit samples only, so ffmpeg converts, and
#   clips, before it measures.
# Why it matters: float recordings may be over full scale and be saved by turning them
#   down; measured this way they look just right, and the gain that is computed from it
#   bakes the clipping in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i "aevalsrc='2*sin(2*PI*440*t)':d=2:s=44100" -c:a pcm_f32le loud.wav

measure() { ffmpeg -hide_banner -nostats -i loud.wav -af "$1" -f null - 2>&1 | grep -m1 "$2" | sed 's/.*: *//; s/ dB$//'; }
seen=$(
  printf 'astats %.1f dB\n' "$(measure astats 'Peak level')"
  printf 'volumedetect %.1f dB\n' "$(measure volumedetect max_volume)"
)
stated='astats 6.0 dB
volumedetect 0.0 dB'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
