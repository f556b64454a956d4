#!/usr/bin/env bash
#
# A Parquet column of file sizes works until the first file of two gigabytes.
#
# Packages: hyparquet-writer 0.17.0 and hyparquet 1.33.0 (npm).
# Expected: a column of whole JavaScript numbers is written, whatever their size up to
#   2^53; or the column may be declared INT64 and takes numbers.
# Instead: whole numbers are given INT32, and 2,147,483,648 throws "expected int32 value".
#   Declaring INT64 makes it worse: then even 3 throws, "expected bigint value". Only
#   BigInts go in, and BigInts come out again.
# Why it matters: sizes in bytes and positions in samples are small in every test and too
#   large in the first long film: the export that worked until then fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact hyparquet-writer@0.17.0 hyparquet@1.33.0

cat > write.mjs << 'JS'
import { parquetReadObjects } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"

const show = async (label, column) => {
  try {
    const rows = await parquetReadObjects({ file: parquetWriteBuffer({ columnData: [{ name: "size", ...column }] }) })
    console.log(`${label}: ${rows.map(({ size }) => `${size} (${typeof size})`).join(", ")}`)
  } catch (error) {
    console.log(`${label}: ${error.message}`)
  }
}
await show("numbers", { data: [3, 2147483647] })
await show("one of 2 GiB", { data: [3, 2147483648] })
await show("declared INT64", { data: [3], type: "INT64" })
await show("BigInts", { data: [3n, 2147483648n] })
JS
seen=$(node write.mjs)
stated='numbers: 3 (number), 2147483647 (number)
one of 2 GiB: parquet expected int32 value, got 2147483648
declared INT64: parquet expected bigint value, got 3
BigInts: 3 (bigint), 2147483648 (bigint)'

echo "hyparquet-writer 0.17.0, hyparquet 1.33.0, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
