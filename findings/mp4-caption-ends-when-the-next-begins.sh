#!/usr/bin/env bash
#
# A caption that lasts on while another one is shown is cut off in MP4, and doesn't come back.
#
# Packages: ffmpeg 5.1.9 (Debian 12).
# Expected: of a caption from 1 to 5 s with another one from 2 to 3 over it, the first is seen up to 5 s.
#   MP4's text track can't show two at once, but it can show the texts of both from 2 to 3, and the first
#   alone from 3 to 5; or the conversion is refused.
# Instead: `-c:s mov_text` ends the first at 2 s and has nothing from 3 s on: three of its four seconds are
#   gone. There is no warning. Of three that overlap, two lose their rest. Matroska keeps all times.
# Why it matters: two speakers, a sign on the wall and whoever speaks, music under a conversation: such
#   captions overlap by nature. Cut them at each other's borders, with both texts in the common part,
#   before they are written into an MP4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

cat > talk.srt << 'SRT'
1
00:00:01,000 --> 00:00:05,000
music

2
00:00:02,000 --> 00:00:03,000
Hello!

3
00:00:06,000 --> 00:00:12,000
EXIT

4
00:00:07,000 --> 00:00:10,000
Where to?

5
00:00:08,000 --> 00:00:09,000
Out.

SRT
# The captions of a file in one line.
captions() {
  ffmpeg -v error -i "$1" -f srt - | awk '/-->/ { sub(/^00:00:/, ""); sub(/ --> 00:00:/, "-"); gsub(/,000/, ""); time = $0; getline; print time " " $0 ";" }' | paste -sd " "
}
seen=$(
  echo "SubRip: $(captions talk.srt)"
  for name in talk.mkv talk.mp4; do
    ffmpeg -v warning -i talk.srt -c:s "$([[ $name == *.mp4 ]] && echo mov_text || echo srt)" "$name" 2>> log.txt
    echo "${name#talk.}: $(captions "$name")"
  done
  echo "warnings: $(wc -l < log.txt)"
)
stated='SubRip: 01-05 music; 02-03 Hello!; 06-12 EXIT; 07-10 Where to?; 08-09 Out.;
mkv: 01-05 music; 02-03 Hello!; 06-12 EXIT; 07-10 Where to?; 08-09 Out.;
mp4: 01-02 music; 02-03 Hello!; 06-07 EXIT; 07-08 Where to?; 08-09 Out.;
warnings: 0'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
