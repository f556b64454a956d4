#!/usr/bin/env bash
#
# To exiftool a minute of ffmpeg's MP3 is two.
#
# Packages: ffmpeg 5.1.9 (libmp3lame) and exiftool 12.57 (Debian 12).
# Expected: `ffmpeg … minute.mp3` with no further option (128 kbit/s) has a length of a
#   minute for everybody.
# Instead: exiftool says two minutes and 64 kbit/s. When no rate is asked for, ffmpeg
#   writes the first frame, which holds the "Info" header and no sound, at 64 kbit/s;
#   exiftool takes its rate for that of the whole and divides the size by it, though the
#   header in the same frame has the count of frames. With `-b:a 128k`, which gives the same
#   sound at the same rate, exiftool says one minute.
# Why it matters: a catalogue that exiftool fills has ffmpeg's conversions at twice their
#   length, and "(approx)" is printed with the right figure as with the wrong one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(exiftool -ver) == 12.57 ]] || { echo "needs exiftool 12.57"; exit 2; }

ffmpeg -v error -f lavfi -i anoisesrc=d=60:seed=1:r=44100 -ac 2 -c:a pcm_s16le minute.wav
ffmpeg -v error -i minute.wav plain.mp3
ffmpeg -v error -i minute.wav -b:a 128k asked.mp3

seen=$(
  for file in plain asked; do
    echo "$file.mp3: ffprobe $(ffprobe -v error -show_entries format=duration -of csv=p=0 $file.mp3 | cut -d. -f1) s, exiftool $(exiftool -s3 -Duration $file.mp3) at $(exiftool -s3 -AudioBitrate $file.mp3)"
  done
  packets() { ffmpeg -v error -i "$1" -c copy -f md5 -; }
  [[ $(packets plain.mp3) == "$(packets asked.mp3)" ]] && echo "the same sound" || echo "different sounds"
)
stated='plain.mp3: ffprobe 60 s, exiftool 0:02:00 (approx) at 64 kbps
asked.mp3: ffprobe 60 s, exiftool 0:01:00 (approx) at 128 kbps
the same sound'

echo "ffmpeg 5.1.9, exiftool 12.57"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
