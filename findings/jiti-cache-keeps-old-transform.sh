#!/usr/bin/env bash
#
# jiti goes on running what an older Babel plugin made of a file.
#
# Packages: jiti 2.7.0 (npm).
# Expected: a file is compiled again when what it is compiled with has changed: another
#   Babel plugin in `transformOptions`, or other options of the same one.
# Instead: the compiled file in the cache's folder is found by path and source alone, across
#   processes. The second instance below asks for "second" and runs what was compiled for
#   "first"; without the cache it gets its own.
# Why it matters: a program that loads its users' plugins with a transform of its own keeps
#   running the old one after an update, until each plugin's source changes. A folder
#   of the cache for each version of the transform avoids it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact jiti@2.7.0

echo 'export const word: string = "source"' > plugin.ts
cat > load.mjs << 'JS'
import { createJiti } from "jiti"

const replacing = (_, { by }) => ({
  visitor: {
    StringLiteral({ node }) {
      if (node.value === "source") node.value = by
    }
  }
})
const [by, cache] = process.argv.slice(2)
const jiti = createJiti(import.meta.url, {
  fsCache: cache === "cached" ? `${import.meta.dirname}/cache` : false,
  transformOptions: { babel: { plugins: [[replacing, { by }]] } }
})
console.log(`${by}, ${cache}: ${(await jiti.import("./plugin.ts")).word}`)
JS
seen=$(timeout 60 node load.mjs first cached; timeout 60 node load.mjs second cached; timeout 60 node load.mjs second uncached)
stated='first, cached: first
second, cached: first
second, uncached: second'

echo "jiti 2.7.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
