#!/usr/bin/env bash
#
# With jiti's caches off an edited plugin is loaded anew in TypeScript, and never in .mjs.
#
# Packages: jiti 2.7.0 (npm), on Node 20.
# Expected: `moduleCache: false` and `fsCache: false` evaluate a file at every import,
#   whatever its ending: that is what a watcher that reloads plugins asks for.
# Instead: a `.ts` gives its new value, a `.mjs`, or a `.js` of a package of modules, the
#   one that it had first, as long as the process lives and from a new jiti as well.
#   They go to Node's own `import()`, which forgets nothing.
# Why it matters: whoever edits a plugin while a folder is watched sees the old one at
#   work, without a word; in TypeScript, where it was tried, it went well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(node --version) == v20.* ]] || { echo "needs Node 20"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact jiti@2.7.0
mkdir module && echo '{ "type": "module" }' > module/package.json

cat > reload.mjs << 'JS'
import { createJiti } from "jiti"
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
const load = (file) => createJiti(import.meta.url, { moduleCache: false, fsCache: false }).import(resolve(file), { default: true })
for (const file of ["plugin.ts", "plugin.mjs", "module/plugin.js"]) {
  const write = (value) => writeFileSync(file, `export default "${value}"`)
  write("first")
  const before = await load(file)
  write("edited")
  console.log(`${file}: ${before}, then ${await load(file)}`)
}
JS
seen=$(node reload.mjs)
stated='plugin.ts: first, then edited
plugin.mjs: first, then first
module/plugin.js: first, then first'

echo "jiti 2.7.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
