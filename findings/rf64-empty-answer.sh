#!/usr/bin/env bash
#
# music-metadata reads an RF64 file without complaint and finds nothing in it.
#
# Packages: music-metadata 11.16.1 and node-taglib-sharp 6.0.3 (npm); ffmpeg 5.1.9 and
#   soxi 14.4.2 (Debian 12).
# Expected: RF64 (EBU Tech 3306) is how a WAV gets beyond 4 GB, and recorders write it
#   for long takes. A reader knows it, or refuses it.
# Instead: `parseFile` succeeds with container, sample rate and duration all undefined.
#   node-taglib-sharp refuses it ("does not begin with RIFF identifier"), so the two tag
#   libraries differ in whether the file is broken. It isn't: sox and ffprobe read it.
# Why it matters: "no error" is mostly taken for "read"; the longest recordings of a
#   library then stand in it without a length, a rate or a tag.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(soxi --version 2>&1) == *"v14.4.2"* ]] || { echo "needs sox 14.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact music-metadata@11.16.1 node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=3:r=44100 -rf64 always take.wav

seen=$(
  echo "begins with $(head -c 4 take.wav); soxi $(soxi -D take.wav 2> /dev/null)"
  node --input-type=module -e '
    import { parseFile } from "music-metadata"
    import { File } from "node-taglib-sharp"
    const { format } = await parseFile("take.wav", { duration: true })
    console.log("music-metadata:", format.container, format.sampleRate, format.duration)
    try {
      console.log("node-taglib-sharp:", File.createFromPath("take.wav").properties.durationMilliseconds)
    } catch (error) {
      console.log("node-taglib-sharp:", error.message)
    }'
)
stated='begins with RF64; soxi 3.000000
music-metadata: undefined undefined undefined
node-taglib-sharp: File does not begin with RIFF identifier'

echo "music-metadata 11.16.1, node-taglib-sharp 6.0.3, ffmpeg 5.1.9, soxi 14.4.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
