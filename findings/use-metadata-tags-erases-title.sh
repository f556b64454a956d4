#!/usr/bin/env bash
#
# The option that keeps your own MP4 tags takes everybody else's.
#
# Packages: ffmpeg 5.1.9 (Debian 12), node-taglib-sharp 6.0.3 (npm).
# Expected: `-movflags use_metadata_tags` lets ffmpeg write a tag of one's own into an
#   M4A, beside title and the rest.
# Instead: it writes a different kind of table *instead of* the iTunes one. The own tag is
#   there, and ffprobe shows everything, but title is no iTunes title any more, so
#   node-taglib-sharp finds none. Without the option title stays and the own tag is
#   dropped. The tempo (`tmpo`) is lost both ways.
# Why it matters: writing labels back into someone's music this way looks right in
#   ffprobe and empties it in a player.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:d=1 -c:a aac original.m4a
node -e '
  const { File } = require("node-taglib-sharp")
  const file = File.createFromPath("original.m4a")
  file.tag.title = "Rain"
  file.tag.beatsPerMinute = 128
  file.save()
  file.dispose()'
ffmpeg -v error -i original.m4a -c copy -metadata mood=calm plain.m4a
ffmpeg -v error -i original.m4a -c copy -metadata mood=calm -movflags use_metadata_tags option.m4a

seen=$(
  for file in original plain option; do
    node -e '
      const { File } = require("node-taglib-sharp")
      const { title, beatsPerMinute } = File.createFromPath(process.argv[1] + ".m4a").tag
      process.stdout.write(`${process.argv[1]}: title ${title}, tempo ${beatsPerMinute}, `)' $file
    ffprobe -v error -show_entries format_tags=title,mood -of default=nw=1:nk=0 $file.m4a | sed 's/^TAG://' | sort | paste -sd' ' | sed 's/^/ffprobe: /'
  done
)
stated='original: title Rain, tempo 128, ffprobe: title=Rain
plain: title Rain, tempo 0, ffprobe: title=Rain
option: title undefined, tempo 0, ffprobe: mood=calm title=Rain'

echo "ffmpeg 5.1.9, node-taglib-sharp 6.0.3, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
