// What must hold after every resume, whatever happened before it.
import { createHash } from "node:crypto"
import { existsSync, lstatSync, readFileSync, readdirSync } from "node:fs"
import { join, relative } from "node:path"
import { reading } from "./Sqlite.mjs"

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex")

const files = (folder, isTaken = () => true) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && isTaken(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
    : []

const names = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])

/** Hidden and half-copied files are left alone. */
const isTaken = (name) => !name.startsWith(".") && !/\.(part|tmp)$/.test(name)

/** Names, inodes, times and bytes of the files that are to be taken. */
export const sources = (inbox) =>
  new Map(
    files(inbox, isTaken).map((path) => {
      const { ino, mtimeNs } = lstatSync(path, { bigint: true })
      return [relative(inbox, path), { stamp: `${ino} ${mtimeNs}`, hash: sha256(readFileSync(path)) }]
    })
  )

const calls = (state, which, patience) =>
  existsSync(join(state, "spool.db"))
    ? reading(
        join(state, "spool.db"),
        (rows) =>
          rows("SELECT 1 FROM sqlite_schema WHERE name = 'call'").length === 0
            ? []
            : rows("SELECT key, sent_at FROM call WHERE state = ?", which).map((call) => `${call.key} ${call.sent_at}`),
        patience
      )
    : []

/** Calls that were sent and have no answer, with the time of it: after a process died, those that were in flight. */
export const intents = (state, patience) => calls(state, "sent", patience)

/** Calls whose answer came, written as `intents` writes them. */
export const answered = (state) => calls(state, "answered")

/** Their number. */
export const inFlight = (state) => intents(state).length

/** What a run leaves for its user, without times, ids and places: the same whatever happened on the way. */
export const outcome = ({ inbox, state }) =>
  reading(join(state, "spool.db"), (rows) => {
    const lines = (sql) =>
      rows(sql)
        .map((row) => JSON.stringify(Object.values(row)))
        .sort()
    const here = "media.missing = 0"
    return {
      items: rows(`SELECT CAST(path AS TEXT) AS path, content_hash, state FROM item LEFT JOIN item_state ON item = id
        WHERE gone_at = 0 ORDER BY path`).map(({ content_hash, path, state }) =>
        JSON.stringify([relative(inbox, path), content_hash, state])
      ),
      failures: lines("SELECT content_hash, node, code FROM failure JOIN item ON item = id WHERE gone_at = 0"),
      media: lines(`SELECT content_hash, media_type, duration_seconds, channels, audio_codec FROM media WHERE ${here}`),
      captions: lines(`SELECT content_hash, node, text, start_seconds, end_seconds FROM caption JOIN media ON media.id = media_id
        WHERE ${here}`),
      tags: lines(`SELECT content_hash, node, vocabulary, label, start_seconds FROM tag JOIN media ON media.id = media_id
        WHERE ${here}`),
      results: lines(`SELECT content_hash, node, kind FROM result JOIN media ON media.id = media_id WHERE ${here}`)
    }
  })

/** What a run says anew of a file that fails again: when it looked last, and how often it tried. */
const LOOKED = new Set(["settled_at", "failed_at", "attempts"])

/** Everything that is kept, but for the log of runs: a run that has nothing to do leaves it as it is. */
export const kept = (state) =>
  reading(join(state, "spool.db"), (rows) => {
    const tables = rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'run' ORDER BY name"
    )
    return new Map(
      tables.map(({ name }) => [
        name,
        rows(`SELECT * FROM "${name}"`).map((row) =>
          JSON.stringify(Object.entries(row).filter(([column]) => !LOOKED.has(column)))
        )
      ])
    )
  })

/** What a run wrote that had nothing to do. */
export const written = (before, after) =>
  [...after].flatMap(([table, lines]) => {
    const old = new Set(before.get(table))
    return [
      ...lines.filter((line) => !old.has(line)).map((line) => `I5: the second run wrote ${table} ${line}`),
      ...(lines.length < old.size ? [`I5: the second run removed rows of ${table}`] : [])
    ]
  })

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** Every file is in exactly one of done, failed (with a reason) and waiting. */
const accounted = ({ inbox }, rows, before) => {
  const items = rows(`SELECT CAST(path AS TEXT) AS path, content_hash AS hash, state,
      (SELECT count(*) FROM failure WHERE failure.item = item.id) AS reasons
    FROM item LEFT JOIN item_state ON item = id WHERE gone_at = 0`)
  const known = new Map(items.map((item) => [relative(inbox, item.path), item]))
  return [
    ...(known.size === items.length ? [] : [`I1: ${items.length - known.size} files have two rows`]),
    ...[...before].flatMap(([name, { hash }]) => {
      const item = known.get(name)
      if (item === undefined) return [`I1: ${name} is lost`]
      if (item.hash !== hash) return [`I1: ${name} is known with other content`]
      if (item.state === null) return [`I1: ${name} is neither done, failed nor waiting`]
      return item.reasons > 0 === (item.state !== "done") ? [] : [`I1: ${name} is ${item.state} with ${item.reasons} reasons`]
    }),
    ...[...known.keys()].filter((name) => !before.has(name)).map((name) => `I1: ${name} is known and isn't there`)
  ]
}

/** Milliseconds for which the lock of a process stays that died before the lock had its name: others may still be naming theirs. */
const NAMING = 60_000
const isBeingNamed = (path) => path.endsWith(".lock.new") && Date.now() - lstatSync(path).mtimeMs < NAMING

/** Files that results own are whole, and nothing half done is left. */
const outputs = ({ state }, rows) => {
  const owned = rows("SELECT hash, extension FROM artifact").map(({ extension, hash }) => ({
    hash,
    path: join(state, "artifacts", hash.slice(0, 2), `${hash}.${extension}`)
  }))
  return [
    ...owned.flatMap(({ hash, path }) =>
      !existsSync(path) ? [`I4: ${path} is missing`] : sha256(readFileSync(path)) === hash ? [] : [`I3: ${path} isn't whole`]
    ),
    ...files(join(state, "artifacts"))
      .filter((path) => !path.includes(sha256(readFileSync(path))))
      .map((path) => `I3: ${path} isn't what its name says`),
    ...["temporary", "owners", "children", "replies"].flatMap((name) =>
      names(join(state, name)).some((path) => !isBeingNamed(path)) ? [`I3: something is left in ${name}/`] : []
    ),
    ...files(state)
      .filter((path) => /\.(part|new|tmp)$/.test(path) && !isBeingNamed(path))
      .map((path) => `I3: ${path} is left`)
  ]
}

/** The library names a file that is there, with that content. */
const named = ({ inbox }, rows, before) =>
  rows("SELECT content_hash AS hash, path FROM media WHERE missing = 0").flatMap(({ hash, path }) =>
    before.get(relative(inbox, path))?.hash === hash
      ? []
      : [`I4: the library has ${path}, which has other content or isn't there`]
  )

const tables = (rows) => [
  ...rows("PRAGMA integrity_check").flatMap((row) => (row.integrity_check === "ok" ? [] : [`I4: ${row.integrity_check}`])),
  ...rows("PRAGMA foreign_key_check").map((row) => `I4: ${JSON.stringify(row)} refers to nothing`),
  ...rows("SELECT key FROM ledger WHERE artifacts <> (SELECT count(*) FROM artifact WHERE artifact.key = ledger.key)").map(
    ({ key }) => `I4: the result ${key} has lost files`
  ),
  ...rows(`SELECT CAST(path AS TEXT) AS path FROM item JOIN item_state ON item = item.id WHERE gone_at = 0 AND state = 'done'
    AND NOT EXISTS (SELECT 1 FROM media JOIN receipt USING (content_hash)
      WHERE media.content_hash = item.content_hash)`).map(({ path }) => `I4: ${path} is done and not in the library`)
]

/** What holds at any time, also when work was left undone: the tables are right, and what is done is there. */
export const sound = ({ state }) => reading(join(state, "spool.db"), tables)

/**
 * Holds a home to its invariants, when nothing works there.
 *
 * @param before the sources as they were when the last command started
 * @returns what is broken
 */
export const broken = (home, before) =>
  reading(join(home.state, "spool.db"), (rows) => [
    ...accounted(home, rows, before),
    ...outputs(home, rows),
    ...tables(rows),
    ...named(home, rows, before),
    ...(same([...sources(home.inbox)], [...before]) ? [] : ["I6: the source was touched"]),
    ...home.survivors().map((process) => `I7: ${process} goes on`),
    ...rows("SELECT content_hash FROM lease").map((row) => `I7: ${row.content_hash} is held by nobody`)
  ])

/** How many different calls were ever made. */
export const keys = (state) => reading(join(state, "spool.db"), (rows) => rows("SELECT 1 FROM call").length)

/** Nothing was paid twice but what was in flight at a crash. */
export const payments = ({ byKey, paid }, state, uncertain) => {
  const known = keys(state)
  return [
    ...(paid <= known + uncertain
      ? []
      : [`I2: ${paid} calls were paid for ${known} keys, with ${uncertain} in flight at crashes`]),
    ...Object.entries(byKey)
      .filter(([, times]) => times > 1 + uncertain)
      .map(([key, times]) => `I2: ${key} was paid ${times} times`)
  ]
}

/** A request may be late by the time between its turn and its way out; so many more may then meet in one stretch of time. */
const LATE = 3

/**
 * No stretch of time has more requests than the account allows, from however many processes, one after the other or at once.
 *
 * @param requests when each came, in milliseconds, in their order
 * @param seconds of the stretch: a minute, or less of it where a check is short
 */
export const rates = (requests, perMinute, seconds = 60) => {
  const allowed = (perMinute * seconds) / 60 + LATE
  let most = 0
  for (let first = 0, end = 0; end < requests.length; end++) {
    while (requests[end] - requests[first] >= seconds * 1_000) first++
    most = Math.max(most, end - first + 1)
  }
  return most > allowed ? [`I12: ${most} requests in ${seconds} seconds, where ${allowed} are allowed`] : []
}

/** Where two outcomes differ. */
export const differences = (is, should) =>
  Object.keys(should).flatMap((name) => {
    const [those, others] = [new Set(is[name]), new Set(should[name])]
    const wrong = is[name].filter((line) => !others.has(line))
    const missing = should[name].filter((line) => !those.has(line))
    const repeated = is[name].length - those.size - (should[name].length - others.size)
    return [
      ...wrong.map((line) => `I9: ${name} has ${line}, an undisturbed run has not`),
      ...missing.map((line) => `I9: ${name} lacks ${line}`),
      ...(wrong.length + missing.length === 0 && repeated !== 0 ? [`I9: ${name} has rows twice`] : [])
    ]
  })
