#!/usr/bin/env bash
#
# A song that metaflac gives a new title, with its time kept, didn't change for chokidar.
#
# Packages: chokidar 5.0.0 (npm), on Linux; flac and metaflac 1.4.2 (Debian 12).
# Expected: whatever writes into a watched file, or puts another one into its place, is told as a change: the
#   kernel tells of it, and the status time, often the size and the inode, are other ones.
# Instead: chokidar compares the time of the last change to the contents and nothing else, once a file has
#   been read since that time. `metaflac --preserve-modtime` is then no change, nor is another recording
#   of another length that is renamed over the old one with that time. Without the option it is told.
# Why it matters: taggers have this option so that "newest first" stays as it was, and a library has read
#   its files: it goes on with the old title, or the old sound. In a test with a fresh file all is well.
#   Compare status time, size and inode after each raw event, or in a scan now and then.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(uname) == Linux ]] || { echo "needs Linux"; exit 2; }
[[ $(metaflac --version) == "metaflac 1.4.2" ]] || { echo "needs metaflac 1.4.2"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact chokidar@5.0.0

head -c 288000 /dev/zero | flac --silent --force-raw-format --endian=little --sign=signed --channels=1 --bps=16 --sample-rate=48000 -o short.flac -
head -c 576000 /dev/zero | flac --silent --force-raw-format --endian=little --sign=signed --channels=1 --bps=16 --sample-rate=48000 -o long.flac -

cat > watch.mjs << 'JS'
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, renameSync, statSync, utimesSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { watch } from "chokidar"

const song = "in/song.flac"
const yesterday = Math.floor(Date.now() / 1000) - 86_400
mkdirSync("in")
copyFileSync("short.flac", song)
const told = []
const watcher = watch("in", { ignoreInitial: true }).on("all", (event, path) => told.push(`${event} ${path}`))
await new Promise((resolve) => watcher.once("ready", resolve))

/** Written yesterday, and read an hour later; then changed. */
const tell = async (what, change) => {
  utimesSync(song, yesterday + 3600, yesterday)
  await sleep(500)
  told.splice(0)
  const before = statSync(song)
  change()
  await sleep(1500)
  const after = statSync(song)
  const other = ["mtimeMs", "ctimeMs", "ino", "size"].filter((field) => before[field] !== after[field])
  console.log(`${what}: ${[...new Set(told)].join(", ") || "nothing told"}; other ${other.join(", ")}`)
}
const title = (...options) => () => execFileSync("metaflac", [...options, "--remove-tag=TITLE", "--set-tag=TITLE=New", song])
const replace = () => {
  copyFileSync("long.flac", "next.flac")
  const { atime, mtime } = statSync(song)
  utimesSync("next.flac", atime, mtime)
  renameSync("next.flac", song)
}
await tell("metaflac --preserve-modtime", title("--preserve-modtime"))
await tell("metaflac", title())
await tell("another recording, with its time", replace)
await watcher.close()
JS
seen=$(timeout 60 node watch.mjs)
stated='metaflac --preserve-modtime: nothing told; other ctimeMs
metaflac: change in/song.flac; other mtimeMs, ctimeMs
another recording, with its time: nothing told; other ctimeMs, ino, size'

echo "chokidar 5.0.0, metaflac 1.4.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
