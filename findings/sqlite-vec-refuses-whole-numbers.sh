#!/usr/bin/env bash
#
# sqlite-vec refuses the id 1: "only integers are allowed".
#
# Packages: sqlite-vec 0.1.9 and better-sqlite3 12.11.1 (npm; the latter is compiled where
#   it has no prebuilt binary, which takes minutes).
# Expected: `insert into sounds (id, vector) values (?, ?)` takes the JavaScript number 1
#   as id, as it does for any other table with an integer primary key.
# Instead: it throws that only integers are allowed. better-sqlite3 binds every number as
#   a float; SQLite's own tables turn 1.0 into 1 by the column's affinity, the virtual
#   table sees the float. `1n` works. "insert or replace" then fails on the key that it
#   should replace.
# Why it matters: an index of vectors takes its ids from the rows of another table, whose ids
#   come as numbers; the message sends one looking for a fraction that isn't there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --save-exact sqlite-vec@0.1.9 better-sqlite3@12.11.1

cat > insert.cjs << 'JS'
const Database = require("better-sqlite3")
const vec = require("sqlite-vec")

const db = new Database(":memory:")
vec.load(db)
db.exec("create table plain (id integer primary key, vector)")
db.exec("create virtual table sounds using vec0 (id integer primary key, vector float[2])")
const insert = (label, statement, id) => {
  try {
    db.prepare(statement).run(id, new Float32Array([0, 1]))
    console.log(`${label}: taken`)
  } catch (error) {
    console.log(`${label}: ${error.message}`)
  }
}
insert("own table, 1", "insert into plain (id, vector) values (?, ?)", 1)
insert("vec0, 1", "insert into sounds (id, vector) values (?, ?)", 1)
insert("vec0, 1n", "insert into sounds (id, vector) values (?, ?)", 1n)
insert("vec0, or replace, 1n", "insert or replace into sounds (id, vector) values (?, ?)", 1n)
JS
seen=$(node insert.cjs)
stated='own table, 1: taken
vec0, 1: Only integers are allows for primary key values on sounds
vec0, 1n: taken
vec0, or replace, 1n: UNIQUE constraint failed on sounds primary key'

echo "sqlite-vec 0.1.9, better-sqlite3 12.11.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
