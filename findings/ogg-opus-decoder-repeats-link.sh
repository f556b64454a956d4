#!/usr/bin/env bash
#
# ogg-opus-decoder plays the first link of a chained file twice.
#
# Packages: ogg-opus-decoder 1.7.5 (npm); opusenc and opusdec 0.2 (Debian 12) to make
#   the file and to have a second opinion.
# Expected: two Opus streams of 3 s and 2 s, one after the other in a file, are decoded
#   to 5 s by `decodeFile`, as opusdec does.
# Instead: `decodeFile` answers with 8 s and no errors: the 3 s link, then both links.
#   A file of one link has the right length.
# Why it matters: times in a caption made from this sound are off by the first link's
#   length, and nothing in the answer tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(opusdec --version) == *"opus-tools 0.2"* ]] || { echo "needs opus-tools 0.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact ogg-opus-decoder@1.7.5

for part in "first 440 3" "second 660 2"; do
  read -r name pitch seconds <<< "$part"
  sox -n -r 48000 -b 16 "$name.wav" synth "$seconds" sine "$pitch"
  opusenc --quiet "$name.wav" "$name.opus"
done
cat first.opus second.opus > chained.opus
opusdec --quiet chained.opus chained.wav

seen=$(
  printf 'opusdec %.2f\n' "$(soxi -D chained.wav)"
  node --input-type=module -e '
    import { readFileSync } from "node:fs"
    import { OggOpusDecoder } from "ogg-opus-decoder"
    for (const name of ["first", "chained"]) {
      const decoder = new OggOpusDecoder()
      await decoder.ready
      const { samplesDecoded, errors } = await decoder.decodeFile(new Uint8Array(readFileSync(`${name}.opus`)))
      console.log("decodeFile", name, (samplesDecoded / 48000).toFixed(2), "errors", errors.length)
      decoder.free()
    }'
)
stated='opusdec 5.00
decodeFile first 3.00 errors 0
decodeFile chained 8.00 errors 0'

echo "ogg-opus-decoder 1.7.5, opus-tools 0.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
