#!/usr/bin/env bash
#
# Saving one tag of an MP4 with node-taglib-sharp cuts its chapters off.
#
# Packages: node-taglib-sharp 6.0.3 (npm); ffmpeg 5.1.9 and mediainfo 23.04 (Debian 12).
# Expected: the `chpl` box, in which players look for chapters, is as it was after a title is set, as
#   boxes that a tagger doesn't know are.
# Instead: of 46 bytes 22 are left, the end of the list without its beginning. mediainfo, which lists
#   the chapters twice before, from this box and from the text track, lists them once.
# Why it matters: audiobooks and podcasts are m4a files with chapters, and nobody sees the loss before
#   somebody looks for one. Who writes tags compares each box with the one before, not only the tags.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(mediainfo --Version) == *"v23.04"* ]] || { echo "needs mediainfo 23.04"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3

printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=First\n[CHAPTER]\nTIMEBASE=1/1\nSTART=2\nEND=4\ntitle=Second\n' > chapters.txt
ffmpeg -v error -f lavfi -i sine=f=440:d=4 -i chapters.txt -map 0 -map_metadata 1 -c:a aac book.m4a

cat > look.py << 'SCRIPT'
import struct

data = open("book.m4a", "rb").read()
at = data.find(b"chpl")
print("chpl:", struct.unpack(">I", data[at - 4 : at])[0], "bytes,", data.count(b"Second", at, at + 60), "time(s) Second in it")
SCRIPT
seen=$(
  echo "before: $(python3 look.py); mediainfo: $(mediainfo book.m4a | grep -c 'First$') First"
  node -e '
    const { File } = require("node-taglib-sharp")
    const file = File.createFromPath("book.m4a")
    file.tag.title = "A book"
    file.save()
    file.dispose()'
  echo "after: $(python3 look.py); mediainfo: $(mediainfo book.m4a | grep -c 'First$') First"
)
stated="before: chpl: 46 bytes, 1 time(s) Second in it; mediainfo: 2 First
after: chpl: 22 bytes, 1 time(s) Second in it; mediainfo: 1 First"

echo "node-taglib-sharp 6.0.3, ffmpeg 5.1.9, mediainfo 23.04, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
