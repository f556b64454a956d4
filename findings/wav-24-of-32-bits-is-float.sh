#!/usr/bin/env bash
#
# A WAV of 24 bits in places of 32 is read as floating point, and lasts a third longer.
#
# Packages: ffmpeg 5.1.9, mediainfo 23.04 and sox 14.4.2 (Debian 12).
# Expected: 4 s. WAVE_FORMAT_EXTENSIBLE says it all: places of 32 bits, 24 of them valid (so those
#   on top), sub-format PCM, 4 bytes a block, 192,000 bytes a second.
# Instead: ffprobe calls it pcm_f24le, and takes three bytes for a sample: 5.333 s. ffmpeg decodes it
#   without an error, four bytes a sample, each read as a floating-point number: a sine of half the
#   full scale lies between -3e31 and 2e-7, and 320 samples are no numbers. mediainfo is right; sox
#   says that it doesn't read padded samples.
# Why it matters: converters and sound cards with 24 bits write such files. The exit code is 0, so a
#   folder of them is converted into noise, and nobody is told.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffprobe -version) == "ffprobe version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
[[ $(sox --version) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }

python3 - << 'PY'
import math, struct
rate, seconds = 48000, 4
pcm = b"".join(struct.pack("<i", round(4194303 * math.sin(2 * math.pi * 440 * i / rate)) << 8) for i in range(rate * seconds))
guid_of_pcm = bytes.fromhex("0100000000001000800000aa00389b71")
form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, rate, rate * 4, 4, 32, 22, 24, 4) + guid_of_pcm
chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(pcm)) + pcm
open("padded.wav", "wb").write(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
PY
status=0
ffmpeg -v error -i padded.wav -f f32le decoded.raw || status=$?
seen=$(
  echo "ffprobe: $(ffprobe -v error -show_entries stream=codec_name,duration -of csv=p=0 padded.wav)"
  echo "mediainfo: $(mediainfo '--Inform=Audio;%BitDepth% bits, %Duration% ms' padded.wav)"
  echo "ffmpeg: exit $status, $(python3 -c '
import array
samples = array.array("f", open("decoded.raw", "rb").read())
numbers = [x for x in samples if x == x]
print(f"{len(samples)} samples from {min(numbers):.1g} to {max(numbers):.1g}, {len(samples) - len(numbers)} no numbers")')"
  echo "sox: $({ sox padded.wav -n stat 2>&1 || true; } | grep -o 'padded samples.*')"
)
stated='ffprobe: pcm_f24le,5.333333
mediainfo: 24 bits, 4000 ms
ffmpeg: exit 0, 192000 samples from -3e+31 to 2e-07, 320 no numbers
sox: padded samples is not supported yet'

echo "ffmpeg 5.1.9, mediainfo 23.04, sox 14.4.2"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
