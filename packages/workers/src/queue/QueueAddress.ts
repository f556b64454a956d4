import { Either, Redacted } from "effect"
import type { RedisOptions } from "ioredis"
import { WorkerError } from "../protocol/WorkerError.js"

/** Where the queue is. */
export interface QueueAddress {
  /** For people: without user and password. */
  readonly shown: string
  /** What the client connects with; holds the password. */
  readonly options: Redacted.Redacted<RedisOptions>
}

const DATABASE = /^\/(\d{1,4})?$/

const invalid = (detail: string) => Either.left(new WorkerError({ code: "QueueAddressInvalid", detail }))

/**
 * Reads `redis://` and `rediss://` (TLS) addresses. A password given apart replaces the one in the address.
 *
 * @param url never repeated in a message: it may hold a password
 */
export const parse = (url: string, password?: Redacted.Redacted | undefined): Either.Either<QueueAddress, WorkerError> => {
  if (!URL.canParse(url)) return invalid("the queue's address is no URL")
  const { hostname, password: own, pathname, port, protocol, search, username } = new URL(url)
  if (protocol !== "redis:" && protocol !== "rediss:") return invalid(`the queue's address begins with '${protocol}'`)
  if (hostname === "") return invalid("the queue's address names no host")
  const database = pathname === "" ? "0" : DATABASE.exec(pathname) === null ? undefined : (DATABASE.exec(pathname)?.[1] ?? "0")
  if (database === undefined || search !== "")
    return invalid("after host and port the queue's address has only a database's number")
  const host = hostname.replace(/^\[|\]$/g, "")
  const credentials = Either.try(() => ({ user: decodeURIComponent(username), secret: decodeURIComponent(own) }))
  if (Either.isLeft(credentials)) return invalid("the user or the password in the queue's address is not percent-encoded")
  const { user } = credentials.right
  const secret = password === undefined ? credentials.right.secret : Redacted.value(password)
  return Either.right({
    shown: `${protocol}//${hostname}:${port === "" ? "6379" : port}${database === "0" ? "" : `/${database}`}`,
    options: Redacted.make({
      host,
      port: port === "" ? 6379 : Number(port),
      db: Number(database),
      ...(user === "" ? {} : { username: user }),
      ...(secret === "" ? {} : { password: secret }),
      ...(protocol === "rediss:" ? { tls: {} } : {})
    })
  })
}
