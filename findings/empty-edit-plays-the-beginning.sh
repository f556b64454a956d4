#!/usr/bin/env bash
#
# Where a QuickTime film is to be silent, ffmpeg plays its beginning once more.
#
# Packages: ffmpeg 5.1.9 (Debian 12); Python 3 writes the edit list.
# Expected: an edit list may leave a time empty (media time -1) at any place. Of "2 s of the media, 2 s
#   empty, 2 s from second 2 on" one hears 440 Hz, nothing, 880 Hz.
# Instead: in the middle ffmpeg takes an empty edit for media from the start on: 440 Hz for four seconds,
#   then 880. The length is right, and there is no warning. PCM, ALAC and AAC are alike.
# Why it matters: editors write such lists for a muted or a missing place. What was taken out on purpose
#   is replaced by other sound, in transcripts too. Read the list (`elst`), and silence these times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

# 440 Hz for two seconds, 880 for two, 1,320 for two.
for name in pcm_s16le.mov alac.m4a aac.m4a; do
  ffmpeg -v error -f lavfi -i "aevalsrc=0.25*sin(2*PI*440*t*(1+floor(t/2))):d=6:s=48000" -c:a "${name%.*}" "$name"
done

cat > edit.py << 'SCRIPT'
import struct, sys

name = sys.argv[1]
edits = [(2, 0), (2, None), (2, 2)]
file = bytearray(open(name, "rb").read())
clock = struct.unpack_from(">I", file, file.index(b"mvhd") + 16)[0]
entries = b"".join(struct.pack(">IiI", seconds * clock, -1 if start is None else start * 48000, 0x10000) for seconds, start in edits)
elst = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
edts = struct.pack(">I4s", 8 + len(elst), b"edts") + elst
at = file.index(b"edts") - 4
old = struct.unpack_from(">I", file, at)[0]
file[at : at + old] = edts
for box in (b"moov", b"trak"):
    size = file.index(box) - 4
    struct.pack_into(">I", file, size, struct.unpack_from(">I", file, size)[0] + len(edts) - old)
struct.pack_into(">I", file, file.index(b"mvhd") + 20, 6 * clock)
open(f"edited-{name}", "wb").write(file)
SCRIPT

# The tone in the middle of each second, by its crossings of zero.
cat > tones.py << 'SCRIPT'
import array, sys

samples = array.array("h", sys.stdin.buffer.read())
tones = []
for second in range(len(samples) // 48000):
    part = samples[second * 48000 + 12000 : second * 48000 + 36000]
    crossings = sum((a < 0) != (b < 0) for a, b in zip(part, part[1:]))
    tones.append(str(440 * round(crossings / 440)) if max(map(abs, part)) > 300 else "-")
print(*tones)
SCRIPT
heard() { ffmpeg -v warning -i "$1" -af aresample=async=1 -f s16le -ac 1 - 2>> log.txt | python3 tones.py; }

seen=$(
  for name in pcm_s16le.mov alac.m4a aac.m4a; do
    python3 edit.py "$name"
    echo "$name: $(heard "$name"); edited: $(heard "edited-$name")"
  done
  echo "warnings: $(wc -l < log.txt)"
)
stated='pcm_s16le.mov: 440 440 880 880 1320 1320; edited: 440 440 440 440 880 880
alac.m4a: 440 440 880 880 1320 1320; edited: 440 440 440 440 880 880
aac.m4a: 440 440 880 880 1320 1320; edited: 440 440 440 440 880 880
warnings: 0'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
