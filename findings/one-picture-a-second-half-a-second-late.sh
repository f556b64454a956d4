#!/usr/bin/env bash
#
# A picture a second from ffmpeg: each shows what comes half a second later, or almost a second before.
#
# Packages: ffmpeg 5.1.9 (Debian 12), filter `fps` and option `-r`; Python 3 reads the pictures.
# Expected: ten pictures of 10 s, the first as it is at 0 s, the next as it is at 1 s, and so on.
# Instead: of all frames whose time rounds to a second, `fps=1` takes the last: the picture for 1 s is the
#   one at 1.48. `round=down`, which reads like the cure, makes it 1.96; only `round=up` gives 1.00.
#   `-r 1` makes twelve pictures, and the one that counts as 2 s is that of 0.88 s.
# Why it matters: frames for a model, a contact sheet or a search are numbered by seconds, and a caption is
#   then of another shot than the one at its time; with a picture every ten seconds it is five seconds
#   off. Use `fps=1:round=up`, or `select`, and keep each frame's own time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

# Each frame is as bright as its number, at 25 a second.
ffmpeg -v error -f lavfi -i "color=black:s=16x16:r=25:d=10,format=gray,geq=lum='N'" -c:v ffv1 film.mkv
shown() {
  ffmpeg -v error -i film.mkv "$@" -pix_fmt gray -f rawvideo - | python3 -c '
import sys
print(*(f"{brightness / 25:.2f}" for brightness in sys.stdin.buffer.read()[::256]))'
}
seen=$(
  echo "fps=1: $(shown -vf fps=1)"
  echo "fps=1:round=down: $(shown -vf fps=1:round=down)"
  echo "fps=1:round=up: $(shown -vf fps=1:round=up)"
  echo "fps=1/5: $(shown -vf fps=1/5)"
  echo "-r 1: $(shown -r 1)"
)
stated='fps=1: 0.48 1.48 2.48 3.48 4.48 5.48 6.48 7.48 8.48 9.48
fps=1:round=down: 0.96 1.96 2.96 3.96 4.96 5.96 6.96 7.96 8.96 9.96
fps=1:round=up: 0.00 1.00 2.00 3.00 4.00 5.00 6.00 7.00 8.00 9.00
fps=1/5: 2.48 7.48
-r 1: 0.00 0.04 0.88 1.88 2.88 3.88 4.88 5.88 6.88 7.88 8.88 9.88'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
