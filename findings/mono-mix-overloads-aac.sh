#!/usr/bin/env bash
#
# The same stereo, mixed to mono, is 3 dB louder in an M4A than in a WAV, and overloaded.
#
# Packages: ffmpeg 5.1.9 (Debian 12, with libmp3lame, libvorbis and libopus).
# Expected: `-ac 1` has one result, whatever it is read from and written to: a tone of 0.7 on both sides
#   is one of 0.7.
# Instead: the sum of both sides is scaled to fit into full scale only where an encoder takes whole numbers:
#   PCM of 16 bits, Opus, and MP3 of a WAV. AAC, Vorbis and float WAV are made of floats, and so is an MP3
#   of an M4A: there each side counts 0.707, the tone is 1.0, and one of 0.9 is 1.3, beyond what can be
#   played. With `-af aresample=rematrix_maxval=1` all have the same level.
# Why it matters: a mono copy is what a model, a loudness meter or a phone gets, and most music comes near
#   full scale on both sides: the copy is distorted, the source isn't, and a test with a WAV doesn't show
#   it. Levels of copies in two formats can't be compared either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }

for level in 0.7 0.9; do
  ffmpeg -v error -f lavfi -i "aevalsrc=$level*sin(2*PI*440*t)|$level*sin(2*PI*440*t):s=48000:d=3" $level.wav
  ffmpeg -v error -i $level.wav -b:a 192k $level.m4a
done

# The highest sample, past the beginning and before the end; floats have no ceiling. Codecs move it by a little.
peak() {
  ffmpeg -v error -i "$1" -f f32le - | python3 -c '
import array, sys

samples = array.array("f", sys.stdin.buffer.read())
print(f"{max(map(abs, samples[24000:-24000])):.1f}")'
}
as() {
  local source=$1 ending=$2 codec=$3
  ffmpeg -v error -y -i "$source" -ac 1 -c:a "$codec" -b:a 192k "mono.$ending"
  ffmpeg -v error -y -i "$source" -af aresample=rematrix_maxval=1 -ac 1 -c:a "$codec" -b:a 192k "fit.$ending"
  echo "$source as $codec: $(peak "mono.$ending"); with rematrix_maxval=1: $(peak "fit.$ending")"
}
seen=$(
  for level in 0.7 0.9; do
    as $level.wav wav pcm_s16le
    as $level.wav wav pcm_f32le
    as $level.wav m4a aac
    as $level.wav ogg libvorbis
    as $level.wav opus libopus
    as $level.wav mp3 libmp3lame
    as $level.m4a mp3 libmp3lame
  done
)
stated='0.7.wav as pcm_s16le: 0.7; with rematrix_maxval=1: 0.7
0.7.wav as pcm_f32le: 1.0; with rematrix_maxval=1: 0.7
0.7.wav as aac: 1.0; with rematrix_maxval=1: 0.7
0.7.wav as libvorbis: 1.0; with rematrix_maxval=1: 0.7
0.7.wav as libopus: 0.7; with rematrix_maxval=1: 0.7
0.7.wav as libmp3lame: 0.7; with rematrix_maxval=1: 0.7
0.7.m4a as libmp3lame: 1.0; with rematrix_maxval=1: 0.7
0.9.wav as pcm_s16le: 0.9; with rematrix_maxval=1: 0.9
0.9.wav as pcm_f32le: 1.3; with rematrix_maxval=1: 0.9
0.9.wav as aac: 1.3; with rematrix_maxval=1: 0.9
0.9.wav as libvorbis: 1.3; with rematrix_maxval=1: 0.9
0.9.wav as libopus: 0.9; with rematrix_maxval=1: 0.9
0.9.wav as libmp3lame: 0.9; with rematrix_maxval=1: 0.9
0.9.m4a as libmp3lame: 1.3; with rematrix_maxval=1: 0.9'

echo "ffmpeg 5.1.9"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
