// What the guide's readers have: `sqlite3 FILE SQL` prints the rows, with `|` between the columns.
import Database from "better-sqlite3"

const [file, sql] = process.argv.slice(2)
for (const row of new Database(file, { readonly: true }).prepare(sql).raw().all()) console.log(row.join("|"))
