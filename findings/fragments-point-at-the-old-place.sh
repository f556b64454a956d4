#!/usr/bin/env bash
#
# Giving a fragmented MP4 a title with node-taglib-sharp makes its fragments point beside their sound.
#
# Packages: node-taglib-sharp 6.0.3 (npm), ffmpeg 5.1.9 (Debian 12).
# Expected: the movie box before the fragments grows by the title, and what counts bytes from the start of
#   the file is raised by as much: each fragment may say so where its data lies (`base_data_offset` in
#   `tfhd`, ISO/IEC 14496-12, 8.8.7). For the offsets of an MP4 without fragments (`stco`) the library does
#   that. Or the file is refused.
# Instead: the fragments keep their old offsets, each short of its data by the bytes that the title took.
#   Nothing is thrown, the title is read back, the length stands; decoded, it is errors and little of the
#   sound. Fragments that count from their own start (`default-base-is-moof`) are spared.
# Why it matters: this is what `-movflags frag_keyframe+empty_moov` makes, the usual way to write an MP4 into a
#   pipe and what a recorder does that must not lose everything. Compare a hash of the sound before and after.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-taglib-sharp@6.0.3

ffmpeg -v error -f lavfi -i sine=440:r=48000:d=3 -c:a aac plain.m4a
flags=frag_keyframe+empty_moov
ffmpeg -v error -i plain.m4a -c copy -frag_duration 500000 -movflags $flags from-the-file.m4a
ffmpeg -v error -i plain.m4a -c copy -frag_duration 500000 -movflags $flags+default_base_moof from-the-fragment.m4a

cat > tag.mjs << 'JS'
import { File } from "node-taglib-sharp"

const [path] = process.argv.slice(2)
const edit = (work) => {
  const file = File.createFromPath(path)
  work(file)
  file.dispose()
}
edit((file) => {
  file.tag.title = "Rain"
  file.save()
})
edit((file) => console.log(`title ${file.tag.title}`))
JS
# The first fragment's base offset, and where the fragment itself begins.
cat > offsets.py << 'SCRIPT'
import sys

data = open(sys.argv[1], "rb").read()
moof, tfhd = data.find(b"moof") - 4, data.find(b"tfhd") - 4
if moof < 0:
    print("no fragments")
elif data[tfhd + 11] & 1:
    base = int.from_bytes(data[tfhd + 16 : tfhd + 24], "big")
    print("its base is that of the fragment" if base == moof else f"its base lies {moof - base} bytes before the fragment")
else:
    print("no base offset")
SCRIPT
seen=$(
  for name in plain from-the-file from-the-fragment; do
    cp $name.m4a tagged.m4a
    told=$(node tag.mjs tagged.m4a)
    ffmpeg -v error -xerror -i tagged.m4a -f md5 - > tagged.md5 2> /dev/null || echo none > tagged.md5
    ffmpeg -v error -i $name.m4a -f md5 - > as-before.md5
    cmp -s tagged.md5 as-before.md5 && sound="as before" || sound="not as before"
    echo "$name: $(python3 offsets.py $name.m4a); tagged: $told, $(python3 offsets.py tagged.m4a), sound $sound"
  done
)
stated='plain: no fragments; tagged: title Rain, no fragments, sound as before
from-the-file: its base is that of the fragment; tagged: title Rain, its base lies 2077 bytes before the fragment, sound not as before
from-the-fragment: no base offset; tagged: title Rain, no base offset, sound as before'

echo "node-taglib-sharp 6.0.3, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
