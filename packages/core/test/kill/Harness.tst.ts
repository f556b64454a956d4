import Sqlite from "better-sqlite3"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const victim = fileURLToPath(new URL("./Victim.mjs", import.meta.url))
const FILES = 3

export interface Ended {
  readonly signal: string | null
  readonly code: number | null
  readonly out: string
}

/** A paid service in this process, which counts. */
const service = () => {
  const paid = new Map<string, number>()
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += chunk))
    request.on("end", () => {
      paid.set(body, (paid.get(body) ?? 0) + 1)
      response.end(`words for ${body}`)
    })
  })
  return new Promise<{ readonly url: string; readonly paid: Map<string, number>; readonly close: () => void }>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resolve({ url: `http://127.0.0.1:${port}/`, paid, close: () => server.close() })
    })
  )
}

/** A folder of files, a state folder beside it, and the victim that works on them. */
export const make = async () => {
  const root = mkdtempSync(join(tmpdir(), "mediaspool-kill-"))
  const inbox = join(root, "inbox")
  mkdirSync(inbox)
  for (let i = 0; i < FILES; i++) writeFileSync(join(inbox, `${i}.txt`), `file ${i}`)
  const before = snapshot(inbox)
  const api = await service()

  const run = (state: string, env: Readonly<Record<string, string>>) =>
    new Promise<Ended>((resolve) => {
      const child = spawn(process.execPath, [victim, join(root, state), inbox, api.url], {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "inherit"]
      })
      let out = ""
      child.stdout.on("data", (chunk) => (out += String(chunk)))
      child.on("close", (code, signal) => resolve({ code, signal, out }))
    })

  return {
    /** How many durable operations an undisturbed pass has. */
    count: async (): Promise<number> => {
      const file = join(root, "count")
      await run("counted", { MEDIASPOOL_CRASH_COUNT: file })
      api.paid.clear()
      return Number(readFileSync(file, "utf8"))
    },
    /** Kills a first run before its N-th durable operation, lets a second one go on, and gives every invariant that is broken. */
    killAt: async (point: number): Promise<ReadonlyArray<string>> => {
      api.paid.clear()
      const state = `state ${point}`
      const killed = await run(state, { MEDIASPOOL_CRASH_AT: String(point) })
      const resumed = await run(state, {})
      const broken = [
        ...(killed.signal === "SIGKILL" ? [] : [`the first run was not killed: ${killed.code}`]),
        ...(resumed.code === 0 ? told(resumed.out) : [`the second run ended with ${resumed.code ?? resumed.signal}`]),
        ...stored(join(root, state)),
        ...(snapshot(inbox) === before ? [] : ["the source was touched"]),
        ...payments(api.paid, 1)
      ]
      if (broken.length === 0) rmSync(join(root, state), { recursive: true })
      return broken
    },
    close: () => {
      api.close()
      rmSync(root, { recursive: true, force: true })
    }
  }
}

/** Names, bytes, times and inodes of a folder. */
const snapshot = (folder: string): string =>
  readdirSync(folder)
    .map((name) => {
      const { ino, mtimeMs } = statSync(join(folder, name))
      return `${name} ${ino} ${mtimeMs} ${readFileSync(join(folder, name), "utf8")}`
    })
    .join("\n")

/** What the second run says: everything is done, and after that there is nothing to do. */
const told = (out: string): ReadonlyArray<string> => {
  const { first, second } = JSON.parse(out)
  const done = JSON.stringify({ total: FILES, done: FILES, failed: 0, waiting: 0 })
  return [
    ...(JSON.stringify(first.items) === done ? [] : [`not everything is done: ${JSON.stringify(first.items)}`]),
    ...(second.ran === 0 && JSON.stringify(second.items) === done ? [] : [`it did something again: ${JSON.stringify(second)}`])
  ]
}

/** At most one payment for a key, and one more for each kill: every call that was in flight is made again. */
const payments = (paid: ReadonlyMap<string, number>, kills: number): ReadonlyArray<string> => [
  ...(paid.size === 2 * FILES ? [] : [`${paid.size} keys were paid for`]),
  ...[...paid].filter(([, times]) => times > 1 + kills).map(([key, times]) => `paid ${times} times for ${key}`)
]

/** The database and the artifacts, as they must be after any run. */
const stored = (state: string): ReadonlyArray<string> => {
  const database = new Sqlite(join(state, "spool.db"), { readonly: true })
  const all = (sql: string) =>
    database
      .prepare(sql)
      .raw()
      .all()
      .map((row) => JSON.stringify(row))
  const broken: Array<string> = []
  const expect = (what: string, is: ReadonlyArray<string>, should: ReadonlyArray<string>) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) broken.push(`${what}: ${is.join(" ")}`)
  }
  expect("integrity", all("PRAGMA integrity_check"), ['["ok"]'])
  expect("foreign keys", all("PRAGMA foreign_key_check"), [])
  expect("states", all("SELECT DISTINCT state FROM item_state"), ['["done"]'])
  expect("items", all("SELECT count(*) FROM item WHERE gone_at = 0"), [`[${FILES}]`])
  expect("leases", all("SELECT * FROM lease"), [])
  expect("calls", all("SELECT state, count(*) FROM call GROUP BY state"), [`["answered",${2 * FILES}]`])
  expect("ledger", all("SELECT outcome, count(*) FROM ledger GROUP BY outcome"), [`["value",${3 * FILES}]`])
  expect(
    "shelf",
    all("SELECT text FROM shelf ORDER BY text"),
    Array.from({ length: FILES }, (_, i) => JSON.stringify([`words for FILE ${i} 0 words for FILE ${i} 1`]))
  )
  for (const row of database.prepare<[], { hash: string; extension: string }>("SELECT hash, extension FROM artifact").all()) {
    const path = join(state, "artifacts", row.hash.slice(0, 2), `${row.hash}.${row.extension}`)
    const hash = existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "none"
    if (hash !== row.hash) broken.push(`artifact ${row.hash}: ${hash}`)
  }
  database.close()
  for (const folder of ["temporary", "owners", "children"]) expect(folder, readdirSync(join(state, folder)), [])
  return broken
}
