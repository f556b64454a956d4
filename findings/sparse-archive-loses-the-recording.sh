#!/usr/bin/env bash
#
# A recording from an archive of GNU tar is a hundredth of itself, or isn't there, and nothing is said.
#
# Packages: tar-stream 3.2.2 and tar 7.5.23 (npm), GNU tar 1.34 (Debian 12); Python 3 has a second opinion.
# Expected: with `--sparse` GNU tar leaves out the holes of a file; a recorder that reserves its space makes
#   such files. Who unpacks the archive gets the whole file, as from GNU tar and Python, or an error.
# Instead: in GNU's own format `tar` skips the file without a warning, and tar-stream gives an entry without
#   a type, which holds only what wasn't a hole. In the POSIX format both give a regular file of another
#   name (GNUSparseFile.…), in which a list of the holes stands before those bytes.
# Why it matters: a data set is packed by one tool and read by another; the archive is whole, the file is
#   opened without an error, and its hash is one that nobody knows. Pack without `--sparse`, or refuse
#   entries of the type "S" and those whose PAX header has a `GNU.sparse` field.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(tar --version) == "tar (GNU tar) 1.34"* ]] || { echo "needs GNU tar 1.34"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact tar-stream@3.2.2 tar@7.5.23

# A minute of 16 bits of which only half a second is written.
python3 - << 'SCRIPT'
import struct

size = 60 * 96000
head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 48000, 96000, 2, 16) + b"data" + struct.pack("<I", size)
with open("take.wav", "wb") as file:
    file.write(b"RIFF" + struct.pack("<I", len(head) + size) + head)
    file.seek(4 << 20)
    file.write(b"\x10\x20" * 24000)
    file.truncate(44 + size)
SCRIPT
(($(stat -c '%b * %B' take.wav) < 1000000)) || { echo "this file system has no holes"; exit 2; }
tar --create --file plain.tar take.wav
tar --create --sparse --format=gnu --file gnu.tar take.wav
tar --create --sparse --format=posix --file posix.tar take.wav

cat > unpack.mjs << 'JS'
import { createReadStream, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { extract as unpack } from "tar"
import { extract } from "tar-stream"

const whole = readFileSync("take.wav")
const told = (name, bytes) =>
  `${name.replace(/\.\d+\//, ".…/")} ${whole.equals(bytes) ? "whole" : bytes.length < whole.length / 50 ? "a fiftieth or less" : "changed"}`
for (const kind of ["plain", "gnu", "posix"]) {
  const entries = extract()
  createReadStream(`${kind}.tar`).pipe(entries)
  for await (const entry of entries) {
    const chunks = []
    for await (const chunk of entry) chunks.push(chunk)
    console.log(`${kind}, tar-stream: ${told(entry.header.name, Buffer.concat(chunks))}, type ${entry.header.type}`)
  }
  const warnings = []
  mkdirSync(kind)
  await unpack({ file: `${kind}.tar`, cwd: kind, onwarn: (_, message) => warnings.push(message) })
  const files = readdirSync(kind, { recursive: true }).filter((name) => statSync(`${kind}/${name}`).isFile())
  const found = files.map((name) => told(name, readFileSync(`${kind}/${name}`)))
  console.log(`${kind}, tar: ${found.length === 0 ? "no file" : found}, warnings: ${warnings.length}`)
}
JS
cat > python.py << 'SCRIPT'
import tarfile

for kind in ("gnu", "posix"):
    with tarfile.open(f"{kind}.tar") as archive:
        (member,) = archive.getmembers()
        same = archive.extractfile(member).read() == open("take.wav", "rb").read()
        print(f"{kind}, Python: {member.name} {'whole' if same else 'changed'}")
SCRIPT
seen=$(node unpack.mjs && python3 python.py)
stated='plain, tar-stream: take.wav whole, type file
plain, tar: take.wav whole, warnings: 0
gnu, tar-stream: take.wav a fiftieth or less, type null
gnu, tar: no file, warnings: 0
posix, tar-stream: ./GNUSparseFile.…/take.wav a fiftieth or less, type file
posix, tar: GNUSparseFile.…/take.wav a fiftieth or less, warnings: 0
gnu, Python: take.wav whole
posix, Python: take.wav whole'

echo "tar-stream 3.2.2, tar 7.5.23, GNU tar 1.34, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
