#!/usr/bin/env bash
#
# To sqlite-vec a vector of zeros is nearer to every question than the answer itself.
#
# Packages: sqlite-vec 0.1.9 (npm), sqlite3 3.40.1 (Debian 12).
# Expected: a vector of zeros has no direction, so no cosine: it is refused when it is inserted, or comes
#   last, or is left out.
# Instead: it is taken, its distance is null, and in a search for the nearest it stands before all others,
#   before the very vector that was asked for. A few of them take all the places. Ordered by hand over
#   `vec_distance_cosine`, nulls come first as well. With `distance_metric=L2` all is in order.
# Why it matters: features of silence, the mean of an empty list and a model that answers with nothing are
#   zeros; a search of ten then begins with silence, and one of two has nothing else. Keep such vectors
#   out, or drop what has no distance and ask for more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(sqlite3 --version) == 3.40.1* ]] || { echo "needs sqlite3 3.40.1"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact sqlite-vec@0.1.9
extension=$(node --print 'require("sqlite-vec").getLoadablePath()')

nearest() {
  sqlite3 :memory: << SQL
.load $extension
create table sound (id integer primary key, name, vector);
insert into sound (name, vector) values
  ('silence', '[0, 0, 0]'), ('pause', '[0, 0, 0]'), ('rain', '[1, 0, 0]'), ('drizzle', '[0.9, 0.1, 0]'), ('dog', '[0, 1, 0]');
create virtual table near using vec0 (id integer primary key, vector float[3] distance_metric=$1);
insert into near (id, vector) select id, vector from sound;
select group_concat(name || ' ' || coalesce(round(distance, 3), 'null'), ', ')
  from (select id, distance from near where vector match '[1, 0, 0]' and k = $2 order by distance) join sound using (id);
SQL
}
seen=$(
  for metric in cosine L2; do
    for count in 2 4; do echo "nearest $count to rain, $metric: $(nearest $metric $count)"; done
  done
)
stated='nearest 2 to rain, cosine: silence null, pause null
nearest 4 to rain, cosine: silence null, pause null, rain 0.0, drizzle 0.006
nearest 2 to rain, L2: rain 0.0, drizzle 0.141
nearest 4 to rain, L2: rain 0.0, drizzle 0.141, pause 1.0, silence 1.0'

echo "sqlite-vec 0.1.9, sqlite3 3.40.1"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
