#!/usr/bin/env bash
#
# Of an album that is moved into a watched folder @parcel/watcher tells the folder, and nothing below it, ever.
#
# Packages: @parcel/watcher 2.6.0 (npm), on Linux (its backend inotify).
# Expected: it watches recursively: when a folder with files and folders in it is moved in, as a finished
#   download or a delivery is, its files are told, or else what happens in it later is.
# Instead: there is one event, of the folder. Its files aren't told; a file that comes into the folder itself
#   later is, but below a folder within it nothing is ever told, neither new files nor changes nor
#   deletions. No error is given. The same tree, made folder by folder where it lies, is told whole.
# Why it matters: discs of an album are folders in a folder: what is added to a disc, or corrected in it, doesn't
#   exist for as long as the watcher lives. Read each folder that is told, and subscribe anew, or scan now
#   and then.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(uname) == Linux ]] || { echo "needs Linux"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @parcel/watcher@2.6.0

cat > watch.mjs << 'JS'
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import watcher from "@parcel/watcher"

mkdirSync("in")
const root = realpathSync("in")
const told = new Set()
const subscription = await watcher.subscribe(root, (error, events) => {
  for (const { path, type } of events) told.add(`${type} ${relative(root, path)}`)
})
const tell = async (what) => {
  await sleep(1000)
  // What is new may be told as made, as changed or as both.
  const paths = [...new Set([...told].map((one) => one.replace(/^(create|update) /, "new ")))].sort()
  told.clear()
  console.log(`${what}: ${paths.join(", ") || "nothing"}`)
}
const later = async (album) => {
  writeFileSync(`in/${album}/cover.jpg`, "late")
  await tell("  later in the album")
  writeFileSync(`in/${album}/disc 1/2.wav`, "late")
  writeFileSync(`in/${album}/disc 1/1.wav`, "corrected")
  await tell("  later in its disc 1")
  rmSync(`in/${album}/disc 1/1.wav`)
  await tell("  deleted from its disc 1")
}
const fill = async (album, rest) => {
  for (const part of ["", "/disc 1"]) {
    mkdirSync(album + part)
    await rest()
  }
  writeFileSync(`${album}/notes.txt`, "notes")
  writeFileSync(`${album}/disc 1/1.wav`, "first")
}
await fill("moved", () => undefined)
renameSync("moved", "in/moved")
await tell("moved in")
await later("moved")
await fill("in/made", () => sleep(1000))
await tell("made there")
await later("made")
await subscription.unsubscribe()
JS
seen=$(timeout 60 node watch.mjs)
stated='moved in: new moved
  later in the album: new moved/cover.jpg
  later in its disc 1: nothing
  deleted from its disc 1: nothing
made there: new made, new made/disc 1, new made/disc 1/1.wav, new made/notes.txt
  later in the album: new made/cover.jpg
  later in its disc 1: new made/disc 1/1.wav, new made/disc 1/2.wav
  deleted from its disc 1: delete made/disc 1/1.wav'

echo "@parcel/watcher 2.6.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
