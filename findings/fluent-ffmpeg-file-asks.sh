#!/usr/bin/env bash
#
# fluent-ffmpeg waits for an answer when the output is called file:….
#
# Packages: fluent-ffmpeg 2.1.3 (npm), ffmpeg 5.1.9 (Debian 12).
# Expected: outputs are overwritten: fluent-ffmpeg passes `-y` for every output that is a
#   file. `file:` is how ffmpeg is told that an odd name (with a colon, say) is a file.
# Instead: for `file:out.wav` there is no `-y`, though the library's own test for "is a
#   file" was meant to allow the protocol. The first run works; the second one finds the
#   file there, and ffmpeg asks on the open standard input, which nobody answers.
# Why it matters: it shows only when something is done again: a retry or a rerun stands
#   still with no processor used, until a timeout, if there is one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact fluent-ffmpeg@2.1.3

ffmpeg -v error -f lavfi -i sine=440:d=1 in.wav

seen=$(node -e '
  const ffmpeg = require("fluent-ffmpeg")
  const run = (output) =>
    new Promise((done) => {
      const command = ffmpeg("in.wav").output(output)
      let last = ""
      const stop = setTimeout(() => (command.kill("SIGKILL"), done("waiting at: " + last.trim())), 5000)
      command.on("start", () => command.ffmpegProc.stderr.on("data", (data) => (last = String(data))))
      command.on("end", () => (clearTimeout(stop), done("ended")))
      command.on("error", (error) => (clearTimeout(stop), done("failed: " + error.message)))
      command.run()
    })
  const main = async () => {
    for (const output of ["plain.wav", "plain.wav", "file:named.wav", "file:named.wav"]) console.log(output, await run(output))
    process.exit()
  }
  main()' 2> /dev/null)
stated='plain.wav ended
plain.wav ended
file:named.wav ended
file:named.wav waiting at: File '"'"'file:named.wav'"'"' already exists. Overwrite? [y/N]'

echo "fluent-ffmpeg 2.1.3, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
