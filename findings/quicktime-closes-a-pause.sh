#!/usr/bin/env bash
#
# A pause of two seconds is gone when PCM goes from Matroska into QuickTime.
#
# Packages: ffmpeg 5.1.9 (Debian 12).
# Expected: `-c copy` keeps the times of the packets. QuickTime has them too: its table of durations
#   (`stts`) tells a gap, and for AAC ffmpeg writes one.
# Instead: of PCM the sound behind the pause follows the sound before it: 4 s of sound beside 6 s of
#   picture, two seconds too early from there on. Nothing is logged. AAC keeps its gap.
# Why it matters: captures leave gaps where samples were lost, and cameras' editors want PCM in MOV:
#   the copy runs out of step, and looks right at its beginning. Fill the gap with silence first
#   (`-af aresample=async=1`), and compare the streams' lengths afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

for codec in pcm_s16le aac; do
  ffmpeg -v error -f lavfi -i testsrc=s=64x64:r=25:d=6 -f lavfi -i sine=440:r=48000:d=6 -af "aselect='lt(t,2)+gte(t,4)'" \
    -c:v mpeg4 -c:a $codec $codec.mkv
  ffmpeg -v error -i $codec.mkv -c copy $codec.mov
done

# Where the sound begins again, and where it ends.
times() {
  ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 "$1" | awk -F, '
    $1 >= 1.9 && again == "" && seen > 0 && $1 - seen > 1 { again = $1 }
    { seen = $1 }
    END { printf "%s, last packet at %.1f s\n", again == "" ? "no gap" : sprintf("sound again at %.1f s", again), seen }'
}
seen=$(
  for codec in pcm_s16le aac; do
    for container in mkv mov; do echo "$codec in $container: $(times $codec.$container)"; done
  done
)
stated='pcm_s16le in mkv: sound again at 4.0 s, last packet at 6.0 s
pcm_s16le in mov: no gap, last packet at 4.0 s
aac in mkv: sound again at 4.0 s, last packet at 6.0 s
aac in mov: sound again at 4.0 s, last packet at 6.0 s'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
