#!/usr/bin/env bash
#
# To SQLite's full-text search "day", "gift" and "the world" are one and the same word of Hindi.
#
# Packages: sqlite3 3.40.1 (Debian 12), and its extension FTS5 with the tokenizer it takes by itself; Python 3
#   says what kind of character each one is.
# Expected: a search for दिन (day) finds the captions that have it, and not दान (gift), दुनिया (world) or
#   देना (to give), as a search for "day" doesn't find "dry" in English.
# Instead: the vowels of Indian scripts are signs after a consonant, and for Unicode they are marks, not letters.
#   The default tokenizer, `unicode61`, takes letters, digits and private characters for words, and all else
#   for what lies between: दिन is the words द and न, one after the other, and so are the other three. Bengali
#   and Tamil are alike. With `categories 'L* N* Co Mc Mn'` words are whole.
# Why it matters: hundreds of millions of people write so. Searches of captions find what they shouldn't, with
#   a rank that is as good as the right one's, and the list of words (`fts5vocab`) has no word in it. The
#   index has to be made anew with other categories, or with the signs as `tokenchars`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(sqlite3 --version) == 3.40.1* ]] || { echo "needs sqlite3 3.40.1"; exit 2; }

searched() {
  sqlite3 :memory: << SQL
create virtual table caption using fts5 (text, tokenize = "$1");
insert into caption values ('दिन'), ('दान'), ('दुनिया'), ('देना'), ('কাল'), ('কুল'), ('கடல்'), ('கடலை'), ('day'), ('dry');
create virtual table word using fts5vocab (caption, row);
select '  दिन finds ' || group_concat(text, ', ') from caption where caption match '"दिन"';
select '  কাল finds ' || group_concat(text, ', ') from caption where caption match '"কাল"';
select '  கடல் finds ' || group_concat(text, ', ') from caption where caption match '"கடல்"';
select '  day finds ' || group_concat(text, ', ') from caption where caption match '"day"';
select '  words: ' || group_concat(term, ', ') from (select term from word order by term);
SQL
}
seen=$(
  python3 -c '
import unicodedata

print("दिन:", ", ".join(f"{unicodedata.name(sign)} ({unicodedata.category(sign)})" for sign in "दिन"))'
  echo "unicode61:"
  searched unicode61
  echo "with marks:"
  searched "unicode61 categories 'L* N* Co Mc Mn'"
)
stated='दिन: DEVANAGARI LETTER DA (Lo), DEVANAGARI VOWEL SIGN I (Mc), DEVANAGARI LETTER NA (Lo)
unicode61:
  दिन finds दिन, दान, दुनिया, देना
  কাল finds কাল, কুল
  கடல் finds கடல், கடலை
  day finds day
  words: day, dry, द, न, य, ক, ল, கடல
with marks:
  दिन finds दिन
  কাল finds কাল
  கடல் finds கடல்
  day finds day
  words: day, dry, दान, दिन, दुनिया, देना, কাল, কুল, கடலை, கடல்'

echo "sqlite3 3.40.1"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
