#!/usr/bin/env bash
#
# Opus packets that ffmpeg copies into a transport stream or a CAF are 10 dB louder there.
#
# Packages: ffmpeg 5.1.9, opusenc and opusdec 0.2, mkvmerge 74.0.0 (Debian 12); Python 3 sets the gain.
# Expected: the same packets sound the same in each container that takes them, or the copy is refused. An
#   Opus header has an output gain that every decoder must apply (RFC 7845, 5.1): level tools set it so
#   that a file of another loudness needs no encoding.
# Instead: Ogg, Matroska, WebM and MP4 keep it. A transport stream has no place for it and CAF's packets are
#   written without that header: both are copied with exit code 0 and no word, and play at the level that
#   the encoder saw: here 10 dB more than before.
# Why it matters: archives of speech and of chats are levelled by this field; recordings put into a stream
#   get loud or too quiet by up to 128 dB, one unlike the other. Encode where a header has a gain.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(opusenc --version) == *"opus-tools 0.2"* ]] || { echo "needs opusenc 0.2"; exit 2; }
[[ $(mkvmerge --version) == "mkvmerge v74.0.0"* ]] || { echo "needs mkvmerge 74.0.0"; exit 2; }

# A tone of 0.5, so of -6 dBFS, and 10 dB less of it by the header.
ffmpeg -v error -f lavfi -i "aevalsrc=0.5*sin(2*PI*440*t):s=48000:d=4" -bitexact tone.wav
opusenc --quiet tone.wav plain.opus
cat > gain.py << 'SCRIPT'
import struct

data = bytearray(open("plain.opus", "rb").read())
head = data.index(b"OpusHead")
struct.pack_into("<h", data, head + 16, -10 * 256)
# The first page has the header alone; its checksum (RFC 3533, 6) is made anew.
size = 27 + data[26] + sum(data[27 : 27 + data[26]])
struct.pack_into("<I", data, 22, 0)
sum_ = 0
for byte in data[:size]:
    sum_ ^= byte << 24
    for _ in range(8):
        sum_ = (sum_ << 1 ^ 0x04C11DB7 if sum_ >> 31 else sum_ << 1) & 0xFFFFFFFF
struct.pack_into("<I", data, 22, sum_)
open("quiet.opus", "wb").write(data)
SCRIPT
python3 gain.py

# The level of its middle, in dB below a sine at full scale.
level() {
  ffmpeg -v error "$@" -f f32le -ac 1 - | python3 -c '
import array, math, sys

samples = array.array("f", sys.stdin.buffer.read())[48000:-48000]
print(f"{10 * math.log10(2 * sum(x * x for x in samples) / len(samples)):.1f} dB")'
}
seen=$(
  echo "plain.opus: $(level -i plain.opus)"
  opusdec --quiet quiet.opus by-opusdec.wav
  echo "quiet.opus: $(level -i quiet.opus); by libopus $(level -c:a libopus -i quiet.opus), by opusdec $(level -i by-opusdec.wav)"
  for ending in ogg mka webm mp4 ts caf; do
    ffmpeg -v error -i quiet.opus -c copy quiet.$ending 2> said.txt && code=0 || code=$?
    echo "copied into $ending, exit code $code, $(wc -l < said.txt) messages: $(level -i quiet.$ending)"
  done
  mkvmerge --quiet --output by-mkvmerge.mka quiet.opus
  echo "by mkvmerge: $(level -i by-mkvmerge.mka)"
)
stated='plain.opus: -6.0 dB
quiet.opus: -16.0 dB; by libopus -16.0 dB, by opusdec -16.0 dB
copied into ogg, exit code 0, 0 messages: -16.0 dB
copied into mka, exit code 0, 0 messages: -16.0 dB
copied into webm, exit code 0, 0 messages: -16.0 dB
copied into mp4, exit code 0, 0 messages: -16.0 dB
copied into ts, exit code 0, 0 messages: -6.0 dB
copied into caf, exit code 0, 0 messages: -6.0 dB
by mkvmerge: -16.0 dB'

echo "ffmpeg 5.1.9, opusenc and opusdec 0.2, mkvmerge 74.0.0"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
