import { Effect } from "effect"
import { Database } from "../store/Database.js"
import { signed } from "../store/FileStat.js"
import type { StoreError } from "../store/StoreError.js"
import type { IgnoredFiles } from "./Scanner.js"

const REMEMBER = `INSERT INTO ignored_file (folder, name, ino, size, mtime_ns, ctime_ns, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (folder, name) DO UPDATE SET ino = excluded.ino, size = excluded.size, mtime_ns = excluded.mtime_ns,
    ctime_ns = excluded.ctime_ns, reason = excluded.reason`
const FORGET = "DELETE FROM ignored_file WHERE folder = ? AND name = ?"

/** Remembers which files were looked into and are no media, so that the next scan doesn't open them. */
export const remember = ({ gone, looked }: Pick<IgnoredFiles, "gone" | "looked">): Effect.Effect<void, StoreError, Database> =>
  looked.length + gone.length === 0
    ? Effect.void
    : Effect.flatMap(Database, (database) =>
        database.write([
          ...looked.map(({ folder, name, reason, stat }) => ({
            sql: REMEMBER,
            values: [folder, name, signed(stat.ino), stat.size, stat.mtimeNs, stat.ctimeNs, reason]
          })),
          ...gone.map(({ folder, name }) => ({ sql: FORGET, values: [folder, name] }))
        ])
      )
