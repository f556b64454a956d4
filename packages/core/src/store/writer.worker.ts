/** The thread that writes: takes groups of rows, commits each as one transaction, and says so. */
import type Sqlite from "better-sqlite3"
import { rmSync } from "node:fs"
import { parentPort, workerData } from "node:worker_threads"
import type { Row, Value } from "../stage/Library.js"
import { isStatementFault, openWriter, type SqliteFault, sqliteCode, sqliteMessage } from "./Connection.js"
import { crashPoint, join } from "./CrashPoint.js"
import * as LockHolders from "./LockHolders.js"
import {
  type Acknowledgement,
  type Answer,
  BEGIN,
  END,
  type Group,
  type Waiting,
  type WriterData,
  type Written
} from "./WriterMessage.js"

const fault = (cause: unknown): SqliteFault => ({
  code: sqliteCode(cause),
  detail: sqliteMessage(cause),
  isRefused: isStatementFault(cause)
})

/** What RETURNING gives is rows of values by column. */
type Statement = Sqlite.Statement<[Array<Value>], Row>

/** Milliseconds of waiting for others, after which it is said who they are. */
const SHORT_WAIT = 5_000
/** How often it waits so long. */
const WAITS = 12

/** Who holds the database, for a message. */
const holders = (file: string): string => {
  const found = LockHolders.of(file)
  return found.length === 0 ? "another program holds spool.db" : `${found.join(", ")} holds spool.db`
}

/**
 * Applies groups of rows to one connection.
 *
 * @param waits called when others have held the database for a while, with who they are
 */
export const makeWriter = (connection: Sqlite.Database, reserve: string, waits: (holders: string) => void = () => {}) => {
  const sql = new Map<number, string>()
  const statements: Array<Statement | undefined> = []
  const control = {
    begin: connection.prepare("BEGIN IMMEDIATE"),
    commit: connection.prepare("COMMIT"),
    save: connection.prepare("SAVEPOINT part"),
    release: connection.prepare("RELEASE part"),
    undo: connection.prepare("ROLLBACK TO part")
  }

  /** Parts that ended everybody's transaction (`OR ROLLBACK`, `RAISE(ROLLBACK)`), by ticket: the group is begun again without them. */
  const spoilers = new Map<number, SqliteFault>()

  const prepared = (number: number): Statement =>
    (statements[number] ??= connection.prepare<[Array<Value>], Row>(sql.get(number) ?? `statement ${number} was never named`))

  const run = (statement: Statement, values: Array<Value>): Written => {
    if (!statement.reader) return { changes: statement.run(values).changes, rows: [] }
    const rows = statement.all(values)
    return { changes: rows.length, rows }
  }

  /** One part that stands or falls by itself: what came of it, and where the next one starts. */
  const part = (rows: Group["rows"], start: number): { readonly end: number; readonly answer: Answer } => {
    let end = start
    const ticket = Number(rows[end++])
    const written: Array<Written> = []
    let failed = spoilers.get(ticket)
    control.save.run()
    while (rows[end] !== END) {
      const number = Number(rows[end])
      const from = end + 2
      end = from + Number(rows[end + 1])
      if (failed !== undefined) continue
      try {
        written.push(run(prepared(number), rows.slice(from, end)))
      } catch (cause) {
        if (!isStatementFault(cause)) throw cause
        failed = fault(cause)
        if (!connection.inTransaction) spoilers.set(ticket, failed)
      }
    }
    if (connection.inTransaction) {
      if (failed !== undefined) control.undo.run()
      control.release.run()
    }
    return { end: end + 1, answer: { ticket, outcome: failed ?? written } }
  }

  const apply = (group: Group): Array<Answer> => {
    const { rows } = group
    const answers: Array<Answer> = []
    crashPoint("begin")
    control.begin.run()
    for (let at = 0; at < rows.length;) {
      const number = Number(rows[at])
      if (number === BEGIN) {
        const { answer, end } = part(rows, at + 1)
        if (!connection.inTransaction) return apply(group)
        answers.push(answer)
        at = end
      } else {
        const from = at + 2
        at = from + Number(rows[at + 1])
        prepared(number).run(rows.slice(from, at))
      }
    }
    crashPoint("commit")
    control.commit.run()
    crashPoint("committed")
    return answers
  }

  const attempt = (group: Group): Acknowledgement => {
    try {
      return { sequence: group.sequence, fault: undefined, answers: apply(group) }
    } catch (cause) {
      if (connection.inTransaction) connection.exec("ROLLBACK")
      return { sequence: group.sequence, fault: fault(cause), answers: [] }
    }
  }

  const isBusy = ({ fault }: Acknowledgement): boolean => /^SQLITE_BUSY/.test(fault?.code ?? "")
  /** The same, patiently. */
  const insist = (group: Group): Acknowledgement => {
    for (let times = 1; ; times++) {
      const done = attempt(group)
      if (!isBusy(done)) return done
      const detail = holders(connection.name)
      if (times === WAITS) return { ...done, fault: done.fault && { ...done.fault, detail: `${detail}: ${done.fault.detail}` } }
      if (times === 1) waits(detail)
    }
  }

  return (group: Group): Acknowledgement => {
    for (const { number, sql: text } of group.statements) sql.set(number, text)
    spoilers.clear()
    const first = insist(group)
    if (first.fault?.code !== "SQLITE_FULL") return first
    // On a full disk the reserve makes room for what is under way; the next run asks for it again before it starts.
    rmSync(reserve, { force: true })
    return attempt(group)
  }
}

if (parentPort !== null) {
  const port = parentPort
  const data: WriterData = workerData
  join(data.counter)
  const connection = openWriter(data.file, SHORT_WAIT)
  const write = makeWriter(connection, data.reserve, (detail) => port.postMessage({ waitsFor: detail } satisfies Waiting))
  port.on("message", (message: Group | "close") => {
    if (message !== "close") return port.postMessage(write(message))
    connection.close()
    port.close()
  })
}
