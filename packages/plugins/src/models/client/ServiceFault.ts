import { Option, Schema } from "effect"
import { ModelError } from "../ModelError.js"

/** What a service said when it did not answer. */
export interface Fault {
  /** HTTP status; absent for an error inside a stream that began well. */
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly message: string
  readonly requestId?: string | undefined
  readonly retryAfterMillis?: number | undefined
}

interface Row {
  readonly status?: number | undefined
  /** Matched against the code. */
  readonly code?: RegExp
  /** Matched against the message. */
  readonly message?: RegExp
  readonly is: ModelError["code"]
}

/**
 * From what services say to what we do about it; the first row that fits decides. Both spellings of DashScope's codes are here:
 * its own protocol writes them in Pascal case. A row asks for everything that it names.
 */
const table: ReadonlyArray<Row> = [
  { code: /^data_?inspection_?failed$/i, is: "Moderated" },
  { message: /contains? inappropriate content/i, is: "Moderated" },
  { code: /^arrearage$/i, is: "NoBalance" },
  { message: /account is in good standing/i, is: "NoBalance" },
  { status: 402, is: "NoBalance" },
  { code: /^(limit_requests|limit_burst_rate|insufficient_quota|throttling)/i, is: "RateLimited" },
  { status: 429, is: "RateLimited" },
  { code: /^invalid_?api_?key$/i, is: "KeyRefused" },
  { status: 401, is: "KeyRefused" },
  { code: /^(AccessDenied\.Unpurchased|Model\.AccessDenied|AllocationQuota\.FreeTierOnly|access_denied)/i, is: "AccessRefused" },
  { status: 403, is: "AccessRefused" },
  { code: /^model_?not_?found$/i, is: "ModelNotFound" },
  { status: 404, message: /model/i, is: "ModelNotFound" },
  { status: 404, is: "NotTheService" },
  // Of a path that takes no such requests, or is gone.
  { status: 405, is: "NotTheService" },
  { status: 410, is: "NotTheService" },
  // A proxy on the way wants to be asked first.
  { status: 407, is: "Unreachable" },
  { message: /audio is too long|range of input length/i, is: "AudioTooLong" },
  { message: /audio is too short/i, is: "AudioTooShort" },
  { message: /file size is too large|max bytes per data-uri/i, is: "AudioTooLarge" },
  { status: 413, is: "AudioTooLarge" },
  { message: /failed to download/i, is: "DownloadFailed" },
  // Servers for open models, started without the part that hears.
  { message: /audio input is not supported|at most 0 audio/i, is: "ModelDeaf" },
  { status: 501, is: "RequestRefused" },
  { code: /^request_?time_?out$/i, is: "ServiceTimedOut" },
  { status: 408, is: "ServiceTimedOut" },
  { status: 504, is: "ServiceTimedOut" },
  { code: /^(internal_?error|model_?serving_?error|model_?unavailable|internal_server_error)/i, is: "ServiceFailed" },
  // Another request is in the way, or it came too early: nothing is wrong with this one.
  { status: 409, is: "ServiceFailed" },
  { status: 423, is: "ServiceFailed" },
  { status: 425, is: "ServiceFailed" },
  { code: /^invalid_?parameter/i, is: "RequestRefused" }
]

const byStatus = (status: number | undefined): ModelError["code"] =>
  status === undefined || status >= 500 ? "ServiceFailed" : status >= 400 ? "RequestRefused" : "NotTheService"

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const longest = 300

/** Words of a stranger as a log may show them: one line, of bounded length, without anything that looks like a key. */
export const quote = (text: string): string => {
  const plain = text
    .replace(controls, " ")
    .replace(/\b(sk|Bearer)[-_ ][\w-]{6,}/g, "$1-…")
    .trim()
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

/** The typed failure for what the provider of this name said. */
export const toError = (provider: string, fault: Fault): ModelError => {
  const row = table.find(
    ({ code, message, status }) =>
      (status === undefined || status === fault.status) &&
      (code === undefined || code.test(fault.code ?? "")) &&
      (message === undefined || message.test(fault.message))
  )
  const code = fault.code === String(fault.status) ? undefined : fault.code
  const said = [fault.status, code].filter((part) => part !== undefined).join(" ")
  const request = fault.requestId === undefined ? "" : ` (request ${quote(fault.requestId)})`
  return new ModelError({
    code: row?.is ?? byStatus(fault.status),
    detail: `${provider} answered ${said === "" ? "an error" : quote(said)}: ${quote(fault.message) || "nothing more"}${request}`,
    ...(fault.retryAfterMillis === undefined ? {} : { retryAfterMillis: fault.retryAfterMillis })
  })
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && name in value ? Reflect.get(value, name) : undefined
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined

/** Some always have an `error`, and leave it empty. */
const isFault = (error: unknown): boolean =>
  typeof error === "object" && error !== null ? Object.keys(error).length > 0 : typeof error === "string" && error !== ""

/** Why an answer may end though the model wasn't done: what it holds is a part. */
const brokenOff = /^(error|abort(ed)?|cancel(l?ed)?|insufficient_system_resources?)$/i

/** What a choice says of an answer that was begun and given up, as gateways and servers for open models do. */
export const givenUp = (choice: unknown): unknown => {
  const error = field(choice, "error")
  if (isFault(error)) return error
  const reason = text(field(choice, "finish_reason"))
  return reason !== undefined && brokenOff.test(reason) ? `the answer ends with the finish reason '${reason}'` : undefined
}

const choiceIn = (body: unknown): unknown => {
  const choices = field(body, "choices") ?? field(field(body, "output"), "choices")
  return Array.isArray(choices) ? choices[0] : undefined
}

/** Servers for open models, and gateways, give a status as the code. */
const statusOf = (code: string | undefined): number | undefined =>
  code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined

/**
 * The fault in a body, in any of the shapes seen: `{ error: { code, message } }`, flat `{ code, message }`, with or without
 * `request_id` or `id`, beside choices or in the first of them. Undefined when the body isn't an error's.
 */
export const inBody = (body: unknown): Fault | undefined => {
  const own = field(body, "error")
  const inner = isFault(own) ? own : givenUp(choiceIn(body))
  const error = typeof inner === "object" && inner !== null ? inner : typeof inner === "string" ? { message: inner } : body
  const message = field(error, "message")
  const code = text(field(error, "code")) ?? text(field(error, "type"))
  if (inner === undefined && (code === undefined || text(message) === undefined || field(body, "choices") !== undefined))
    return undefined
  const status = statusOf(code)
  return {
    message: text(message) ?? (message === "" ? "" : JSON.stringify(error)),
    code,
    requestId: text(field(body, "request_id")) ?? text(field(error, "request_id")) ?? text(field(body, "id")),
    ...(status === undefined ? {} : { status })
  }
}

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())

/** {@link inBody} of a text that may be no JSON. */
export const inText = (body: string): Fault | undefined => Option.getOrUndefined(Option.map(parseJson(body), inBody))

/** The fault of a failed response, whose body may be a proxy's page. */
export const ofResponse = (status: number, body: string, header: (name: string) => string | null | undefined): Fault => {
  const found = inText(body)
  return {
    ...(found ?? { message: body }),
    status,
    requestId: header("x-request-id") ?? found?.requestId,
    retryAfterMillis: retryAfter(header("retry-after"))
  }
}

/** Seconds, the first where proxies added theirs: `7`, `1.5`, `2s`, `7, 7`. */
const inSeconds = /^\s*(\d+(?:\.\d+)?)\s*s?\s*(?:,|$)/i

/**
 * `Retry-After` in milliseconds: seconds or a date. Nothing, a time that is over and a time that is none leave the wait to us: who is
 * told to come back at once would come back without end.
 */
export const retryAfter = (value: string | null | undefined, now: number = Date.now()): number | undefined => {
  if (value === null || value === undefined) return undefined
  const seconds = inSeconds.exec(value)?.[1]
  const millis = seconds === undefined ? Date.parse(value) - now : Number(seconds) * 1000
  return Number.isFinite(millis) && millis > 0 ? Math.ceil(millis) : undefined
}
