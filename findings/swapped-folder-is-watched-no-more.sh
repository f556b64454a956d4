#!/usr/bin/env bash
#
# A folder that is swapped for another one of its name is lost to chokidar, without an event.
#
# Packages: chokidar 5.0.0 (npm), on Linux.
# Expected: two renames that put a finished folder into the place of the one before, as tools do that never
#   want to be seen half done, are told: its files are new ones, and what comes into it later is told.
# Instead: nothing is, neither at the swap nor later. chokidar compares the names in the folder above, which
#   are the same, and goes on listening to the folder that was moved away: a file that is written into
#   that one makes it look at the old path, and tell of what is there now. With half a second between
#   the renames all is well. The same happens where a folder is removed and made again at once.
# Why it matters: deliveries and synchronisation swap folders, and from then on a watcher is deaf there, for as
#   long as it lives. Look at each folder's inode when its name is told in the raw events, and watch it
#   anew when it is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(uname) == Linux ]] || { echo "needs Linux"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact chokidar@5.0.0

cat > watch.mjs << 'JS'
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { watch } from "chokidar"

for (const pause of [0, 500]) {
  for (const made of ["in/album", "next"]) mkdirSync(made, { recursive: true })
  writeFileSync("in/album/1.wav", "first")
  writeFileSync("next/1.wav", "of the next delivery")
  const told = []
  const watcher = watch("in", { ignoreInitial: true }).on("all", (event, path) => told.push(`${event} ${relative("in", path)}`))
  await new Promise((resolve) => watcher.once("ready", resolve))
  const tell = async (what) => {
    await sleep(1500)
    console.log(`${pause} ms between, ${what}: ${[...new Set(told.splice(0))].sort().join(", ") || "nothing"}`)
  }
  renameSync("in/album", "before")
  if (pause > 0) await sleep(pause)
  renameSync("next", "in/album")
  await tell("the swap")
  writeFileSync("in/album/2.wav", "late")
  await tell("a new file")
  writeFileSync("before/3.wav", "elsewhere")
  await tell("a file in the one that was moved away")
  await watcher.close()
  for (const made of ["in", "before"]) rmSync(made, { recursive: true })
}
JS
seen=$(timeout 60 node watch.mjs)
stated='0 ms between, the swap: nothing
0 ms between, a new file: nothing
0 ms between, a file in the one that was moved away: add album/2.wav
500 ms between, the swap: add album/1.wav, addDir album, unlink album/1.wav, unlinkDir album
500 ms between, a new file: add album/2.wav
500 ms between, a file in the one that was moved away: nothing'

echo "chokidar 5.0.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
