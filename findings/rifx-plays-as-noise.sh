#!/usr/bin/env bash
#
# A big-endian WAV plays as noise at full scale, and nobody warns.
#
# Packages: sox 14.4.2, ffmpeg 5.1.9, exiftool 12.57 and mediainfo 23.04 (Debian 12).
# Expected: RIFX is RIFF with its numbers and samples in big-endian order; sox writes it
#   for `-B`. A quiet tone (peak at -20 dBFS) stays a quiet tone for every reader.
# Instead: ffmpeg reads the header as big-endian and the samples as little-endian: it
#   reports rate and length rightly and decodes noise at 0 dBFS, with exit code 0.
#   exiftool calls it a file format error, mediainfo finds no sound in it.
# Why it matters: level, waveform and transcript of such a file are of a noise that isn't
#   in it, and rate, channels and length look right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

versions="$(sox --version | grep -o 'v[0-9.]*$'), $(ffmpeg -version | grep -om1 'version [0-9.]*'), exiftool $(exiftool -ver), $(mediainfo --Version | grep -o 'v[0-9.]*$')"
[[ $versions == "v14.4.2, version 5.1.9, exiftool 12.57, v23.04" ]] || { echo "other versions: $versions"; exit 2; }

sox -n -r 44100 -b 16 -c 1 tone.wav synth 1 sine 440 gain -20
sox tone.wav -B turned.wav

peak() { ffmpeg -hide_banner -nostdin -i "$1" -af volumedetect -f null - 2>&1 | grep -o 'max_volume: .*'; }
seen=$(
  for file in tone turned; do
    echo "$file: $(head -c 4 $file.wav), sox peak $(sox $file.wav -n stats 2>&1 | awk '/^Pk lev/ { print $4 }') dB, ffmpeg exit $(ffmpeg -v error -nostdin -i $file.wav -f null - > log 2>&1; echo $?), says $(wc -c < log) characters, $(peak $file.wav)"
  done
  echo "exiftool: $(exiftool -s3 -Error turned.wav)"
  echo "mediainfo: '$(mediainfo --Inform='General;%AudioCount%' turned.wav)' sounds"
)
echo "sox $versions"
echo "$seen"
stated="tone: RIFF, sox peak -20.00 dB, ffmpeg exit 0, says 0 characters, max_volume: -20.0 dB
turned: RIFX, sox peak -20.00 dB, ffmpeg exit 0, says 0 characters, max_volume: -0.0 dB
exiftool: File format error
mediainfo: '' sounds"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
