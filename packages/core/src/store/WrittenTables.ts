import type { Row, Statement } from "../stage/Library.js"
import * as Sql from "../stage/Sql.js"

const COUNTERS = "sqlite_sequence"

const root = (row: Row, column: "p1" | "p2"): number => Number(row[column])

/**
 * The tables that a statement itself writes to, by its compiled form: the root pages that its opcodes open for writing (`OpenWrite`,
 * `Clear`; https://sqlite.org/opcode.html). What its triggers write is theirs: their programs follow, and count from 0 again.
 * A virtual table has no page; it is the one that the statement names.
 *
 * @param read runs a read of the database
 */
export const of = ({ sql, values }: Statement, read: (statement: Statement) => ReadonlyArray<Row>): ReadonlyArray<string> => {
  const opcodes = read({ sql: `EXPLAIN ${sql}`, values })
  const second = opcodes.findIndex(({ addr }, i) => i > 0 && addr === 0)
  const program = second === -1 ? opcodes : opcodes.slice(0, second)
  const pages = program.flatMap((row) =>
    row["opcode"] === "OpenWrite" ? [root(row, "p2")] : row["opcode"] === "Clear" ? [root(row, "p1")] : []
  )
  const tables = read({ sql: "SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0", values: [] })
  const byPage = new Map(tables.map((row) => [Number(row["rootpage"]), String(row["tbl_name"]).toLowerCase()]))
  const named = Sql.statements(sql)[0]?.table
  const virtual = program.some(({ opcode }) => opcode === "VUpdate") && named !== undefined ? [named] : []
  // SQLite itself counts there what a table with AUTOINCREMENT gets.
  const written = pages.flatMap((page) => byPage.get(page) ?? []).filter((table) => table !== COUNTERS || named === COUNTERS)
  return [...new Set([...written, ...virtual])]
}
