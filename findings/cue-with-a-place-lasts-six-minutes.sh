#!/usr/bin/env bash
#
# A WebVTT cue of one second, 10 % from the top, lasts six minutes for @plussub/srt-vtt-parser.
#
# Packages: @plussub/srt-vtt-parser 2.0.5 (npm), ffmpeg 5.1.9 (Debian 12).
# Expected: in WebVTT, as the W3C has it (4.1), hours may be left out of a time, and settings may stand behind
#   the two times (`line:10%`, `align:start`). The package reads both, one at a time; a cue with both from 5
#   to 6 s ends at 6 s, as for ffmpeg.
# Instead: with both, the setting is read as a part of the time. `line:10%` makes the 6 s minutes and ends the
#   cue at 360 s; with `align:start` the end is NaN. There is no error and no warning, and text and
#   beginning are right.
# Why it matters: subtitles of films have settings on each cue that isn't at the bottom, where two people speak
#   or a sign is translated, and tools leave out hours below one. Such captions lie over all that follows,
#   or are never shown. Drop what stands behind the second time beforehand.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @plussub/srt-vtt-parser@2.0.5

cat > film.vtt << 'VTT'
WEBVTT

00:01.000 --> 00:02.000
No hours

00:00:03.000 --> 00:00:04.000 line:10% align:start
A place

00:05.000 --> 00:06.000 line:10%
No hours and a line

00:07.000 --> 00:08.000 align:start
No hours and an alignment
VTT
cat > parse.mjs << 'JS'
import { readFileSync } from "node:fs"
import { parse } from "@plussub/srt-vtt-parser"

for (const { from, text, to } of parse(readFileSync("film.vtt", "utf8")).entries)
  console.log(`${text}: from ${from} to ${to} ms`)
JS
seen=$(
  node parse.mjs
  ffprobe -v error -show_entries packet=pts_time,duration_time -of csv=p=0 film.vtt |
    awk -F, '$2 > 0 { printf "ffprobe: %.1f s, for %.1f s\n", $1, $2 }'
)
stated='No hours: from 1000 to 2000 ms
A place: from 3000 to 4000 ms
No hours and a line: from 5000 to 360010 ms
No hours and an alignment: from 7000 to NaN ms
ffprobe: 1.0 s, for 1.0 s
ffprobe: 3.0 s, for 1.0 s
ffprobe: 5.0 s, for 1.0 s
ffprobe: 7.0 s, for 1.0 s'

echo "@plussub/srt-vtt-parser 2.0.5, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
