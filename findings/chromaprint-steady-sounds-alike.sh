#!/usr/bin/env bash
#
# To Chromaprint a hum is nearly the same as silence.
#
# Packages: ffmpeg 5.1.9 (Debian 12, muxer `chromaprint`); Python 3 compares.
# Expected: fingerprints of unlike sounds agree in about half of their bits, as chance
#   would have it (pink noise and a tone: 0.59), and close to 1.0 means the same sound.
# Instead: sounds without change over time agree in 0.9 and more: a hum of 80 Hz with
#   digital silence in 0.97, tones of 440 and 1,000 Hz in 0.91. A fingerprint records how
#   the notes change; where nothing does, the same few values are repeated.
# Why it matters: by a limit of 0.9 for "duplicate", room tone, drones, test tones and silent
#   takes become one group, unless the number of distinct values is looked at as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

fingerprint() { ffmpeg -v error -f lavfi -i "$2" -f chromaprint -fp_format raw "$1"; }
fingerprint silence anullsrc=d=12
fingerprint hum sine=80:d=12
fingerprint tone sine=440:d=12
fingerprint high sine=1000:d=12
fingerprint noise anoisesrc=d=12:c=pink:seed=1

seen=$(python3 - << 'PY'
from array import array

def read(name):
    values = array("I")
    values.frombytes(open(name, "rb").read())
    return values

for one, other in [("hum", "silence"), ("tone", "high"), ("noise", "tone")]:
    a, b = read(one), read(other)
    differing = sum(bin(x ^ y).count("1") for x, y in zip(a, b))
    agreement = 1 - differing / 32 / min(len(a), len(b))
    print(f"{one} and {other}: {agreement:.2f} ({len(set(a))} and {len(set(b))} distinct values of {len(a)})")
PY
)
stated='hum and silence: 0.97 (1 and 1 distinct values of 75)
tone and high: 0.91 (1 and 1 distinct values of 75)
noise and tone: 0.59 (71 and 1 distinct values of 75)'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
