#!/usr/bin/env bash
#
# A stretch that ffmpeg cuts out of an MP3 begins with 55 ms that are not in the file.
#
# Packages: ffmpeg 5.1.9 (Debian 12).
# Expected: half a second from 2.5 s on is what decoding the whole file gives there; seeking before
#   the input is said to be exact when it decodes.
# Instead: a frame of MP3 keeps a part of its bits in the frames before it. ffmpeg begins to decode
#   at the frame that it seeks to, and gives silence, then a part of the sound, until it has enough
#   of them: 55 ms are wrong, 36 of them silent. The same sound cut out of a Vorbis file is right.
# Why it matters: windows for a model, and their levels, begin with a hole; a search for silence
#   finds one at each cut.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

ffmpeg -v error -f lavfi -i anoisesrc=r=48000:d=6:seed=1:a=0.3 -ac 1 -c:a libmp3lame -b:a 128k sound.mp3
ffmpeg -v error -i sound.mp3 -c:a libvorbis sound.ogg

raw=(-f f32le -ac 1 -ar 48000)
for name in mp3 ogg; do
  ffmpeg -v error -i sound.$name "${raw[@]}" whole.$name
  ffmpeg -v error -ss 2.5 -i sound.$name -t 0.5 "${raw[@]}" cut.$name
done

cat > compare.py << 'SCRIPT'
import array, math

def samples(name):
    with open(name, "rb") as file:
        return array.array("f", file.read())

def wrong(whole, cut):
    """Milliseconds at the start of the cut that differ by more than a hundredth of the sound."""
    def differs(at, i):
        part = range(i, i + 240)
        return sum((whole[at + n] - cut[n]) ** 2 for n in part) > 1e-4 * sum(whole[at + n] ** 2 for n in part)
    # The place is where the end of the cut fits best.
    at = min(range(120000 - 3000, 120000 + 3000), key=lambda at: sum((whole[at + n] - cut[n]) ** 2 for n in range(20000, 20200)))
    blocks = [i for i in range(0, 9600, 240) if differs(at, i)]
    return 0 if not blocks else (blocks[-1] + 240) // 48

print("mp3:", wrong(samples("whole.mp3"), samples("cut.mp3")), "ms wrong")
print("ogg:", wrong(samples("whole.ogg"), samples("cut.ogg")), "ms wrong")
quiet = next(i for i, value in enumerate(samples("cut.mp3")) if abs(value) > 1e-3)
print("mp3: the first", quiet // 48, "ms are silence")
SCRIPT
seen=$(python3 compare.py)
stated="mp3: 55 ms wrong
ogg: 0 ms wrong
mp3: the first 36 ms are silence"

echo "ffmpeg 5.1.9, $(python3 --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
