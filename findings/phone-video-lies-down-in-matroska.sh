#!/usr/bin/env bash
#
# A video that is turned by its container lies on its side once it is wrapped into Matroska.
#
# Packages: ffmpeg 5.1.9 and mkvmerge 74.0.0 (Debian 12).
# Expected: a phone's MP4, stored sideways and marked to be turned by 90 degrees, is still marked
#   when its packets are copied into another container, or the copy is refused; Matroska has a
#   field for it (ProjectionPoseRoll).
# Instead: MP4 and MOV keep the mark. Into Matroska neither ffmpeg nor mkvmerge writes one, and
#   neither says so; AVI, which has no field, loses it as quietly.
# Why it matters: archives are wrapped into Matroska to be kept, and everybody who looks at them
#   later, people and models, sees the picture on its side.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mkvmerge --version) == "mkvmerge v74.0.0"* ]] || { echo "needs mkvmerge 74.0.0"; exit 2; }

ffmpeg -v error -f lavfi -i testsrc=d=1:s=160x120:r=10 -c:v libx264 -pix_fmt yuv420p upright.mp4
ffmpeg -v error -i upright.mp4 -c copy -metadata:s:v rotate=90 phone.mp4
said=""
for name in mp4 mov mkv avi; do said+=$(ffmpeg -v warning -i phone.mp4 -c copy copy.$name 2>&1 | grep -i rotat || true); done
said+=$(mkvmerge -o wrapped.mkv phone.mp4 | grep -i "rotat\|warning" || true)

turned() {
  local found
  found=$(ffprobe -v error -select_streams v -show_entries stream_side_data=rotation -of csv=p=0 "$1" | head -n 1)
  echo "${found:-nothing}"
}
seen=$(
  for name in phone.mp4 copy.mp4 copy.mov copy.mkv copy.avi wrapped.mkv; do echo "$name: $(turned $name)"; done
  echo "said about it: ${said:-nothing}"
)
stated="phone.mp4: 90
copy.mp4: 90
copy.mov: 90
copy.mkv: nothing
copy.avi: nothing
wrapped.mkv: nothing
said about it: nothing"

echo "ffmpeg 5.1.9, mkvmerge 74.0.0"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
