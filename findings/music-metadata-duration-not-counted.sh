#!/usr/bin/env bash
#
# music-metadata's `duration: true` does not always count.
#
# Packages: music-metadata 11.16.1 (npm); ffmpeg 5.1.9 (Debian 12) makes the sound.
# Expected: with `duration: true` the whole file is read where that is needed, so an MP3
#   of variable bit rate that has no Xing header gets its true length, about 3 s.
# Instead: when the first frames happen to have one bit rate (a second of silence at the
#   start), the file is taken for one of constant bit rate and its length is size through
#   rate: 6.9 s, with the option and without. The same sound without the silence is
#   counted rightly.
# Why it matters: encoders that write into a pipe leave the header out, and recordings
#   begin with silence; the option that should make sure of the length makes sure of
#   nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1

mp3() { ffmpeg -v error -f lavfi -i "aevalsrc='$1':d=3:s=44100" -c:a libmp3lame -q:a 2 -write_xing 0 "$2"; }
mp3 'if(lt(t,1),0,random(0))' silence-first.mp3
mp3 'if(lt(t,2),random(0),0)' silence-last.mp3

seen=$(
  for file in silence-first silence-last; do
    ffmpeg -v error -i $file.mp3 -f s16le - | wc -c | awk -v name=$file '{ printf "%s: decoded %.1f", name, $1 / 2 / 44100 }'
    node --input-type=module -e '
      import { parseFile } from "music-metadata"
      const { format } = await parseFile(process.argv[1], { duration: true })
      console.log(", duration: true says", format.duration.toFixed(1))' $file.mp3
  done
)
stated='silence-first: decoded 3.0, duration: true says 6.9
silence-last: decoded 3.0, duration: true says 3.0'

echo "music-metadata 11.16.1, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
