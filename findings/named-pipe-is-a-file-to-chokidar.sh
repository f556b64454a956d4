#!/usr/bin/env bash
#
# A named pipe is a new file to chokidar.
#
# Packages: chokidar 5.0.0 (npm).
# Expected: `add` is told of files; a named pipe is none, as `find -type f` has it.
# Instead: `add` is told of the pipe as of any file. Whoever opens it to read, without asking its
#   Stats first, waits for a writer that doesn't come, and holds one of the four threads in which
#   Node does all its reading while it waits.
# Why it matters: recorders, players and consoles leave pipes in watched folders; four of
#   them stop every read of a watcher that trusts the event.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact chokidar@5.0.0
mkdir inbox
echo sound > inbox/sound.wav
mkfifo inbox/pipe.wav

seen=$(
  echo "find: $(find inbox -type f | sort | tr '\n' ' ')"
  node --input-type=module -e '
    import { watch } from "chokidar"
    const told = []
    const watcher = watch("inbox", { alwaysStat: true })
    watcher.on("add", (path, stats) => told.push(`${path}${stats.isFIFO() ? " (a pipe)" : ""}`))
    watcher.on("ready", async () => {
      console.log("chokidar:", told.sort().join(" "))
      await watcher.close()
    })'
)
stated='find: inbox/sound.wav 
chokidar: inbox/pipe.wav (a pipe) inbox/sound.wav'

echo "chokidar 5.0.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
