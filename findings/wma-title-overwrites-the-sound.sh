#!/usr/bin/env bash
#
# Giving a WMA a title with node-taglib-sharp writes the title over the sound.
#
# Packages: node-taglib-sharp 6.0.3 (npm), ffmpeg 5.1.9 and mediainfo 23.04 (Debian 12).
# Expected: the header object grows, and what lies behind it moves back by as much, as in the same
#   library's MP3 and M4A: header, data, with all packets of the sound.
# Instead: the larger header is laid over as many bytes of what follows. The file has the size that it had;
#   behind the header there is no data object any more (its first bytes are overwritten, its mark too), and
#   ffmpeg finds no sound. Saving without any change does it, for the library adds objects of its own.
#   Nothing is thrown; the library reads the title back, and so does mediainfo, with the old length.
# Why it matters: the sound can't be got back, and what one would look at afterwards, the tags and the
#   length, are right. Tag a copy, and compare a hash of the sound before and after (`-c copy -f md5`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3

for ending in wma m4a mp3; do ffmpeg -v error -f lavfi -i sine=440:r=44100:d=3 -metadata title=Old song.$ending; done

cat > tag.mjs << 'JS'
import { File } from "node-taglib-sharp"

const [path, title] = process.argv.slice(2)
let file = File.createFromPath(path)
if (title !== undefined) file.tag.title = title
file.save()
file.dispose()
file = File.createFromPath(path)
console.log(`title read back: ${file.tag.title}`)
file.dispose()
JS
# The objects of an ASF file, one behind the other: its header, its data.
cat > objects.py << 'SCRIPT'
import sys, uuid

data = open(sys.argv[1], "rb").read()
names = {"75b22630-668e-11cf-a6d9-00aa0062ce6c": "header", "75b22636-668e-11cf-a6d9-00aa0062ce6c": "data"}
at, found = 0, []
while at + 24 <= len(data):
    name = names.get(str(uuid.UUID(bytes_le=data[at : at + 16])))
    found.append(name or "no object")
    at = at + int.from_bytes(data[at + 16 : at + 24], "little") if name else len(data)
print(" ".join(found) + f", {'end' if at == len(data) else 'other size'}")
SCRIPT
packets() { ffmpeg -v error -i "$1" -map 0:a -c copy -f md5 - 2> /dev/null || true; }
seen=$(
  for ending in wma m4a mp3; do
    for title in "A longer title" ""; do
      cp song.$ending tagged.$ending
      told=$(node tag.mjs tagged.$ending ${title:+"$title"})
      [[ $(packets tagged.$ending) == "$(packets song.$ending)" ]] && sound="as before" || sound="not as before"
      echo "$ending, ${title:-no change}: $told; sound $sound"
      [[ $ending == wma ]] || continue
      echo "  $(stat -c %s song.wma) bytes: $(python3 objects.py song.wma); then $(stat -c %s tagged.wma): $(python3 objects.py tagged.wma)"
      echo "  mediainfo: $(mediainfo --Inform='General;%Title%, %Duration% ms' tagged.wma)"
    done
  done
)
stated='wma, A longer title: title read back: A longer title; sound not as before
  55012 bytes: header data, end; then 55012: header no object, end
  mediainfo: A longer title, 3018 ms
wma, no change: title read back: Old; sound not as before
  55012 bytes: header data, end; then 55012: header no object, end
  mediainfo: Old, 3018 ms
m4a, A longer title: title read back: A longer title; sound as before
m4a, no change: title read back: Old; sound as before
mp3, A longer title: title read back: A longer title; sound as before
mp3, no change: title read back: Old; sound as before'

echo "node-taglib-sharp 6.0.3, ffmpeg 5.1.9, mediainfo 23.04, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
