import { Clock, Context, Effect, Layer } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** Codes that were printed and not used are worth nothing after this long. */
const CODE_MILLIS = 10 * 60_000
/** Windows that are signed in; the oldest is signed out for one more. */
const SESSIONS = 200
const CODES = 20
/** Attempts to sign in that fail, over all callers, before everybody has to wait. */
const FAILURES = 10
const FAILURES_MILLIS = 60_000

export interface Signed {
  /** For the cookie. */
  readonly session: string
  /** For the header of mutations. */
  readonly token: string
}

export interface Service {
  /** A code that signs one window in, once. */
  readonly code: Effect.Effect<string>
  /** Signs in with a code or the password; `busy` after too many that failed. */
  readonly signIn: (
    given: { readonly code: string } | { readonly password: string }
  ) => Effect.Effect<Signed | "refused" | "busy">
  /** The session of a cookie's value. */
  readonly find: (session: string) => Signed | undefined
  readonly close: (session: string) => void
}

const secret = (): string => randomBytes(32).toString("base64url")
const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Compares without telling by its time how much of it is right. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** @param password where the page is served to other machines */
const make = (password: string | undefined): Service => {
  const codes = new Map<string, number>()
  const sessions = new Map<string, Signed>()
  let failures: Array<number> = []

  const isCode = (code: string, now: number): boolean => {
    for (const [known, madeAt] of codes) {
      if (now - madeAt > CODE_MILLIS) codes.delete(known)
      else if (isSame(known, code)) return codes.delete(known)
    }
    return false
  }
  const open = (): Signed => {
    const [oldest] = sessions.keys()
    if (sessions.size >= SESSIONS && oldest !== undefined) sessions.delete(oldest)
    const signed = { session: secret(), token: secret() }
    sessions.set(digest(signed.session).toString("base64"), signed)
    return signed
  }
  return {
    code: Effect.map(Clock.currentTimeMillis, (now) => {
      const [oldest] = codes.keys()
      if (codes.size >= CODES && oldest !== undefined) codes.delete(oldest)
      const code = secret()
      codes.set(code, now)
      return code
    }),
    signIn: (given) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        failures = failures.filter((at) => now - at < FAILURES_MILLIS)
        // A code that was printed is never locked out by somebody's guessing at the password.
        if ("password" in given && failures.length >= FAILURES) return "busy"
        const isRight = "code" in given ? isCode(given.code, now) : password !== undefined && isSame(password, given.password)
        if (isRight) return open()
        failures.push(now)
        return failures.length > FAILURES ? "busy" : "refused"
      }),
    find: (session) => sessions.get(digest(session).toString("base64")),
    close: (session) => void sessions.delete(digest(session).toString("base64"))
  }
}

/** Who is signed in: in memory, as long as the server lives. */
export class Sessions extends Context.Tag("@mediaspool/server/Sessions")<Sessions, Service>() {
  static readonly layer = (password?: string): Layer.Layer<Sessions> => Layer.sync(Sessions, () => make(password))
}
