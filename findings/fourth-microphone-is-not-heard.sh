#!/usr/bin/env bash
#
# Of six microphones in a WAV ffmpeg hears five, and of three two.
#
# Packages: ffmpeg 5.1.9 and sox 14.4.2 (Debian 12); Python 3 writes the recordings.
# Expected: a WAV without a channel mask says nothing of where its channels stand: field recorders and
#   conference systems write a microphone into each. `-ac 1` mixes all of them, as sox does.
# Instead: ffmpeg takes three channels for 2.1, six for 5.1, seven for 6.1 and eight for 7.1. The third
#   or fourth is then a low-frequency channel, which a mix leaves out, stereo as well as mono, and
#   which `ebur128` doesn't count: who speaks into that microphone isn't there, at -70 LUFS. As AAC
#   with all six channels a tone of 440 Hz in it is 38 dB lower. With four and five all are heard.
# Why it matters: the mix is what is transcribed, and it sounds right but for one speaker. Name places that
#   are heard before mixing (`-af channelmap=0|1|2|3|4|5:channel_layout=hexagonal`, or `pan`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(sox --version) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }

# Each microphone has a tone in a second of its own.
python3 - << 'SCRIPT'
import math, struct, wave

rate = 48000
for count in (3, 4, 5, 6, 7, 8):
    with wave.open(f"{count}.wav", "wb") as file:
        file.setnchannels(count)
        file.setsampwidth(2)
        file.setframerate(rate)
        for second in range(count):
            tone = [round(16000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(rate)]
            file.writeframes(b"".join(struct.pack(f"<{count}h", *(value if channel == second else 0 for channel in range(count))) for value in tone))
SCRIPT
cat > heard.py << 'SCRIPT'
import array, sys

samples = array.array("h", sys.stdin.buffer.read())
seconds = [samples[at + 4800 : at + 43200] for at in range(0, len(samples) // 48000 * 48000, 48000)]
print("".join("x" if max(map(abs, second)) > 200 else "-" for second in seconds))
SCRIPT
mixed() { ffmpeg -v error -i "$1" "${@:2}" -ac 1 -f s16le - | python3 heard.py; }

seen=$(
  for count in 3 4 5 6 7 8; do
    ffmpeg -v error -i $count.wav -ac 2 stereo.wav
    echo "$count microphones: mono $(mixed $count.wav), stereo $(mixed stereo.wav), sox $(sox $count.wav -c 1 -t raw - | python3 heard.py)"
    rm stereo.wav
  done
  echo "6, with places that are heard: $(mixed 6.wav -af 'channelmap=0|1|2|3|4|5:channel_layout=hexagonal')"
  ffmpeg -v error -ss 3 -t 1 -i 6.wav alone.wav
  ffmpeg -v error -i alone.wav alone.m4a
  peak() { ffmpeg -hide_banner -ss 0.2 -t 0.6 -i "$@" -af 'pan=mono|c0=c3,volumedetect' -f null - 2>&1 | sed -n 's/.*max_volume: //p'; }
  echo "the fourth of 6: $(peak alone.wav), as AAC $(peak alone.m4a), loudness $(ffmpeg -hide_banner -i alone.wav -af ebur128 -f null - 2>&1 | sed -n 's/^ *I: *//p' | tail -1)"
)
stated='3 microphones: mono xx-, stereo xx-, sox xxx
4 microphones: mono xxxx, stereo xxxx, sox xxxx
5 microphones: mono xxxxx, stereo xxxxx, sox xxxxx
6 microphones: mono xxx-xx, stereo xxx-xx, sox xxxxxx
7 microphones: mono xxx-xxx, stereo xxx-xxx, sox xxxxxxx
8 microphones: mono xxx-xxxx, stereo xxx-xxxx, sox xxxxxxxx
6, with places that are heard: xxxxxx
the fourth of 6: -6.2 dB, as AAC -44.5 dB, loudness -70.0 LUFS'

echo "ffmpeg 5.1.9, sox 14.4.2"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
