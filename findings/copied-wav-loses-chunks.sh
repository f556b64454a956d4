#!/usr/bin/env bash
#
# Copying a broadcast WAV with ffmpeg loses what made it one.
#
# Packages: ffmpeg 5.1.9 (Debian 12); Python 3 writes and lists the chunks.
# Expected: `ffmpeg -c copy` of a field recorder's WAV copies the sound and keeps what
#   describes it: bext (time code, originator), iXML (scene, take), cue points, labels.
# Instead: the samples are the same, and bext, iXML, cue and labels are gone, with exit
#   code 0 and no word. `-write_bext 1` brings back bext only.
# Why it matters: a pipeline that trims, tags or repacks through ffmpeg takes away the
#   time code by which sound and picture are put together, and a comparison of the
#   samples does not notice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

cat > wav.py << 'PY'
import math, struct, sys

def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

def write(path):
    samples = b"".join(struct.pack("<h", int(8000 * math.sin(i * 0.0576))) for i in range(48000))
    body = b"WAVE"
    body += chunk(b"bext", struct.pack("<256s32s32s10s8sQH254s", b"Scene 4 take 2", b"Recorder", b"0001", b"2026-05-01", b"10:00:00", 36000 * 48000, 1, b""))
    body += chunk(b"iXML", b"<BWFXML><SCENE>4</SCENE><TAKE>2</TAKE></BWFXML>")
    body += chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16))
    body += chunk(b"data", samples)
    body += chunk(b"cue ", struct.pack("<III4sIII", 1, 1, 24000, b"data", 0, 0, 24000))
    body += chunk(b"LIST", b"adtl" + chunk(b"labl", struct.pack("<I", 1) + b"clap\0"))
    open(path, "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)

def chunks(path):
    data, at, names = open(path, "rb").read(), 12, []
    while at + 8 <= len(data):
        name, size = data[at : at + 4].decode(), struct.unpack("<I", data[at + 4 : at + 8])[0]
        names.append(name.strip() + (" " + data[at + 8 : at + 12].decode() if name == "LIST" else ""))
        at += 8 + size + size % 2
    return ", ".join(names)

if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    print(sys.argv[2] + ":", chunks(sys.argv[2]))
PY
python3 wav.py write original.wav
ffmpeg -v error -i original.wav -c copy copied.wav
ffmpeg -v error -i original.wav -c copy -write_bext 1 with-bext.wav

seen=$(
  for file in original copied with-bext; do python3 wav.py list $file.wav; done
  for file in original copied; do printf '%s ' $file; ffmpeg -v error -i $file.wav -c copy -f md5 -; done | awk '{ print $2 }' | sort -u | wc -l | awk '{ print "different sounds:", $1 }'
)
stated='original.wav: bext, iXML, fmt, data, cue, LIST adtl
copied.wav: fmt, LIST INFO, data
with-bext.wav: fmt, bext, LIST INFO, data
different sounds: 1'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
