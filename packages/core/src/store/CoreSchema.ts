import * as Sql from "../stage/Sql.js"
import { schema1 } from "./Schema1.js"
import { schema2 } from "./Schema2.js"
import { schema3 } from "./Schema3.js"
import { schema4 } from "./Schema4.js"

/** Core's own steps: `user_version` counts how many of them a file has. Never edited, only added to. */
export const schemas: ReadonlyArray<string> = [schema1, schema2, schema3, schema4]

/** What the steps make, in lower case. */
interface Names {
  readonly tables: ReadonlySet<string>
  /** Tables, indexes, views and triggers. */
  readonly created: ReadonlySet<string | undefined>
}

let known: Names | undefined

/** Reads the names out of the steps when they are first needed: most commands never do, and it would be a tenth of their start. */
const names = (): Names =>
  (known ??= {
    tables: new Set([...schemas.flatMap(Sql.tablesMade), "migration"]),
    created: new Set(schemas.flatMap(Sql.statements).flatMap(({ name, verb }) => (verb === "CREATE" ? [name] : [])))
  })

/** Whether a table, in lower case, is core's own, or one in which SQLite keeps counters and the schema itself: a plugin never writes there. */
export const owns = (table: string): boolean => names().tables.has(table) || table.startsWith("sqlite_")

/** Whether core's steps create something of that name. */
export const creates = (name: string | undefined): boolean => names().created.has(name)
