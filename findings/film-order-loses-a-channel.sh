#!/usr/bin/env bash
#
# Surround sound in film order, in a CAF, is mixed by FFmpeg 5.1 without its left rear channel.
#
# Packages: ffmpeg 5.1.9 (Debian 12); Python 3 writes the files.
# Expected: Core Audio has a name for each order of 5.1 (CoreAudioBaseTypes.h): MPEG 5.1 A is left, right,
#   centre, low frequencies, rear; B has the rear before the centre; C, film order, is left, centre,
#   right, rear left, rear right, low frequencies; D begins with the centre. A reader puts the channels into
#   its own order, or says which one it doesn't know.
# Instead: of all four it says "5.1(side)" and takes the channels as those of A. In film order the centre is
#   at the right, the right in the centre, and rear left is the low-frequency channel, which mono and
#   stereo leave out and `ebur128` doesn't count; what is meant for the subwoofer plays at the rear.
# Why it matters: mixing desks and editors for film write C, dialogue is in the centre, and a mix with the
#   wrong channels sounds like a mix. Read the tag in the chunk `chan`, and use `channelmap`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

cat > caf.py << 'SCRIPT'
import math, struct, sys

# Two seconds of 16 bits, a tone in one of six channels.
tag, place, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tone = [int(6000 * math.sin(2 * math.pi * 440 * n / 48000)) for n in range(96000)]
sound = b"".join(struct.pack(">6h", *[x if channel == place else 0 for channel in range(6)]) for x in tone)
chunk = lambda kind, body: kind + struct.pack(">q", len(body)) + body
with open(name, "wb") as file:
    file.write(b"caff" + struct.pack(">HH", 1, 0))
    file.write(chunk(b"desc", struct.pack(">d4s5I", 48000, b"lpcm", 0, 12, 1, 6, 16)))
    file.write(chunk(b"chan", struct.pack(">3I", tag << 16 | 6, 0, 0)))
    file.write(chunk(b"data", bytes(4) + sound))
SCRIPT
loudest() {
  ffmpeg -v error "$@" -f s16le - | python3 -c '
import array, sys

print(max(map(abs, array.array("h", sys.stdin.buffer.read()))))'
}
seen=$(
  for order in "A 121 L R C LFE Ls Rs" "B 122 L R Ls Rs C LFE" "C 123 L C R Ls Rs LFE" "D 124 C L R Ls Rs LFE"; do
    read -r name tag places <<< "$order"
    said=()
    number=0
    for place in $places; do
      python3 caf.py "$tag" "$number" a.caf
      number=$((number + 1))
      for channel in FL FR FC LFE SL SR; do
        (($(loudest -i a.caf -af "pan=mono|c0=$channel") > 0)) && taken=$channel
      done
      (($(loudest -i a.caf -ac 1) > 0)) && mixed="" || mixed=" (not in the mix)"
      said+=("$place as $taken$mixed")
    done
    echo "$name, $(ffprobe -v error -show_entries stream=channel_layout -of csv=p=0 a.caf): $(printf '%s, ' "${said[@]}" | sed 's/, $//')"
  done
)
stated='A, 5.1(side): L as FL, R as FR, C as FC, LFE as LFE (not in the mix), Ls as SL, Rs as SR
B, 5.1(side): L as FL, R as FR, Ls as FC, Rs as LFE (not in the mix), C as SL, LFE as SR
C, 5.1(side): L as FL, C as FR, R as FC, Ls as LFE (not in the mix), Rs as SL, LFE as SR
D, 5.1(side): C as FL, L as FR, R as FC, Ls as LFE (not in the mix), Rs as SL, LFE as SR'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
