#!/usr/bin/env bash
#
# A cut out of Opus comes 8 ms late from WebM, and not from Ogg or MP4.
#
# Packages: ffmpeg 5.1.9 (Debian 12) with libopus.
# Expected: `-ss 5.5` begins where the whole file, decoded, has 5.5 s, whatever the container is. The
#   packets are the same ones, copied.
# Instead: of the same packets in WebM the cut begins 8 ms early, so that all in it comes 8 ms late and
#   it is 384 samples too long; 7.5 ms where `-ss` stands behind the input. Read from its beginning,
#   the file is right. Ogg and MP4 are cut to the sample.
# Why it matters: browsers record WebM with Opus. Windows that are cut out of it and put together again
#   don't fit by 8 ms at each seam, and times in a copy that was cut aren't those of the file. Who needs
#   the sample decodes from the beginning and drops what comes before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

# A click of 2 ms at each full second.
ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.002),0.8*sin(2*PI*1000*t),0)':s=48000:d=12" -c:a libopus -b:a 64k a.ogg
for ending in webm mp4; do ffmpeg -v error -i a.ogg -c copy a.$ending; done

# Samples, and where the first click is, in milliseconds.
cat > click.py << 'SCRIPT'
import struct, sys

data = sys.stdin.buffer.read()
samples = struct.unpack(f"<{len(data) // 4}f", data)
print(len(samples), "samples, click at", round(next(i for i, x in enumerate(samples) if abs(x) > 0.2) / 48, 1), "ms")
SCRIPT
decoded() { ffmpeg -v error "$@" -f f32le -ac 1 -ar 48000 - | python3 click.py; }

seen=$(
  for ending in ogg mp4 webm; do echo "$ending, -ss 5.5 before the input: $(decoded -ss 5.5 -i a.$ending -t 6)"; done
  echo "webm, without end: $(decoded -ss 5.5 -i a.webm)"
  echo "webm, -ss 5.5 behind the input: $(decoded -i a.webm -ss 5.5)"
  echo "webm, whole: $(decoded -i a.webm)"
)
stated="ogg, -ss 5.5 before the input: 288000 samples, click at 500.0 ms
mp4, -ss 5.5 before the input: 288000 samples, click at 500.0 ms
webm, -ss 5.5 before the input: 288000 samples, click at 508.0 ms
webm, without end: 312384 samples, click at 508.0 ms
webm, -ss 5.5 behind the input: 312360 samples, click at 507.5 ms
webm, whole: 576000 samples, click at 0.0 ms"

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
