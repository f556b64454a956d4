#!/usr/bin/env bash
#
# The same MP3 sounds 23 ms later in Matroska by ffmpeg, and 47 ms later by mkvmerge.
#
# Packages: mkvmerge 74.0.0, ffmpeg 5.1.9 with libmp3lame and lame 3.100 (Debian 12).
# Expected: a click at 1.000 s stays there when the packets are put into another container; Matroska has
#   a field for what a decoder is to leave out at the start (CodecDelay), and for Opus both use it.
# Instead: neither writes it for MP3, so the encoder's 1,105 samples of delay are heard. mkvmerge also
#   takes the first frame, which only holds the table of seek points and the encoder's name, for sound:
#   1,152 samples of silence more. Opus and FLAC stay where they were.
# Why it matters: films get their MP3 sound this way, and captions and cuts that were made on the MP3 are a
#   frame and a half of the picture off. Give the track a time (`--sync 0:-47`), or encode it anew.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mkvmerge --version) == "mkvmerge v74.0.0"* ]] || { echo "needs mkvmerge 74.0.0"; exit 2; }
[[ $(lame --version) == *"version 3.100"* ]] || { echo "needs lame 3.100"; exit 2; }

# A click of 2 ms at each second but the first.
ffmpeg -v error -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.002)*gte(t,0.5),0.8*sin(2*PI*1000*t),0)':s=48000:d=5" click.wav
lame --quiet click.wav lame.mp3
ffmpeg -v error -i click.wav ffmpeg.mp3
ffmpeg -v error -i click.wav click.opus
ffmpeg -v error -i click.wav click.flac

cat > click.py << 'SCRIPT'
import array, sys

samples = array.array("f", sys.stdin.buffer.read())
first = next(n for n, sample in enumerate(samples) if abs(sample) > 0.2)
print(f"{first / 48:.1f} ms")
SCRIPT
click() { ffmpeg -v error -i "$1" -f f32le -ac 1 -ar 48000 - | python3 click.py; }
packets() { ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of default=nw=1:nk=1 "$1"; }

seen=$(
  for name in lame.mp3 ffmpeg.mp3 click.opus click.flac; do
    ffmpeg -v error -i "$name" -c copy "$name.ffmpeg.mka"
    mkvmerge --quiet --output "$name.mkvmerge.mka" "$name"
    echo "$name: click at $(click "$name"); by ffmpeg $(click "$name.ffmpeg.mka"), by mkvmerge $(click "$name.mkvmerge.mka"), packets $(packets "$name.ffmpeg.mka") and $(packets "$name.mkvmerge.mka")"
  done
)
stated='lame.mp3: click at 1000.0 ms; by ffmpeg 1023.1 ms, by mkvmerge 1047.1 ms, packets 210 and 211
ffmpeg.mp3: click at 1000.0 ms; by ffmpeg 1023.1 ms, by mkvmerge 1047.1 ms, packets 210 and 211
click.opus: click at 1000.0 ms; by ffmpeg 1000.0 ms, by mkvmerge 1000.0 ms, packets 251 and 251
click.flac: click at 1000.0 ms; by ffmpeg 1000.0 ms, by mkvmerge 1000.0 ms, packets 53 and 53'

echo "mkvmerge 74.0.0, ffmpeg 5.1.9, lame 3.100"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
