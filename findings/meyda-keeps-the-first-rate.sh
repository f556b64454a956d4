#!/usr/bin/env bash
#
# After one song at 44.1 kHz Meyda hears an A at 48 kHz as G sharp, and one at 16 kHz as D sharp.
#
# Packages: meyda 5.6.3 (npm).
# Expected: `Meyda.sampleRate` is set before each sound, as the documentation says: an A of 440 Hz is an A
#   at every rate, and has the features that it has in a process of its own.
# Instead: the filters for `chroma` and `mfcc` are made for the first sound and kept for as long as their
#   number of bands is the same: a new rate isn't noticed, the old one's filters lie over the new spectrum.
#   Going back to the first rate all is right again.
# Why it matters: a folder of songs has 44.1 and 48 kHz in it: keys, and what is trained on these features,
#   depend on which file came first, in each process anew, and no value looks wrong. Bring all sounds to
#   one rate, or take a process for each rate.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact meyda@5.6.3

cat > features.mjs << 'JS'
import Meyda from "meyda"

const notes = ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"]
Meyda.bufferSize = 4096
for (const rate of process.argv.slice(2).map(Number)) {
  Meyda.sampleRate = rate
  const tone = Float32Array.from({ length: 4096 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / rate))
  const { chroma, mfcc } = Meyda.extract(["chroma", "mfcc"], tone)
  console.log(`  ${rate} Hz: ${notes[chroma.indexOf(Math.max(...chroma))]}, second coefficient ${mfcc[1].toFixed(1)}, third ${mfcc[2].toFixed(1)}`)
}
JS
seen=$(
  for rates in 44100 48000 16000 "44100 48000 16000 44100" "16000 44100"; do
    echo "440 Hz in one process at $rates:"
    # shellcheck disable=SC2086
    node features.mjs $rates
  done
)
stated='440 Hz in one process at 44100:
  44100 Hz: A, second coefficient 45.1, third 35.5
440 Hz in one process at 48000:
  48000 Hz: A, second coefficient 46.0, third 36.3
440 Hz in one process at 16000:
  16000 Hz: A, second coefficient 39.6, third 17.2
440 Hz in one process at 44100 48000 16000 44100:
  44100 Hz: A, second coefficient 45.1, third 35.5
  48000 Hz: G sharp, second coefficient 45.7, third 36.3
  16000 Hz: D sharp, second coefficient 31.7, third -6.2
  44100 Hz: A, second coefficient 45.1, third 35.5
440 Hz in one process at 16000 44100:
  16000 Hz: A, second coefficient 39.6, third 17.2
  44100 Hz: D sharp, second coefficient 46.7, third 42.4'

echo "meyda 5.6.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
