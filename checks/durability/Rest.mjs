// When a watcher has nothing left to do.
import { existsSync } from "node:fs"
import { join, relative } from "node:path"
import { sources } from "./Invariants.mjs"
import { reading } from "./Sqlite.mjs"

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** What keeps a home from being at rest: files whose present content isn't done or failed yet. */
const unsettled = ({ inbox, state }, files) => {
  if (!existsSync(join(state, "spool.db"))) return ["there is no database yet"]
  return reading(join(state, "spool.db"), (rows) => {
    if (rows("SELECT 1 FROM sqlite_schema WHERE name = 'lease'").length === 0) return ["there are no tables yet"]
    const items = rows(`SELECT CAST(path AS TEXT) AS path, content_hash AS hash, state
      FROM item LEFT JOIN item_state ON item = id WHERE gone_at = 0`)
    const known = new Map(items.map((item) => [relative(inbox, item.path), item]))
    return [
      ...rows("SELECT content_hash FROM lease").map(() => "somebody works"),
      ...[...files].flatMap(([name, { hash }]) => {
        const item = known.get(name)
        return item?.hash === hash && ["done", "failed"].includes(item.state) ? [] : [`${name} is ${item?.state ?? "unknown"}`]
      }),
      ...[...known.keys()].filter((name) => !files.has(name)).map((name) => `${name} is gone and known`)
    ]
  })
}

/** Waits until a home is at rest; gives what still keeps it from it after so long. */
export const come = async (home, millis) => {
  const until = performance.now() + millis
  const files = sources(home.inbox)
  for (;;) {
    const left = unsettled(home, files)
    if (left.length === 0 || performance.now() > until) return left
    await wait(200)
  }
}
