import { HttpApiSchema } from "@effect/platform"
import { Failure } from "@mediaspool/core"
import { Schema } from "effect"

/** What can go wrong between the page and its server. */
export class PageError extends Failure.Class<PageError>()("PageError", {
  LibraryAbsent: { retry: "later", help: "Start a run; the library appears here with its first file." },
  LibraryAway: { retry: "later", help: "The page looks again every few seconds and goes on by itself." },
  ItemUnknown: { retry: "never", help: "Search for it again: it was forgotten, or the number is from another library." },
  FileGone: { retry: "later", help: "Put the file back, or run `spool run` so that the library follows it." },
  QueryRefused: { retry: "never", help: "Change the query." },
  CorrectionRefused: { retry: "never", help: "Change what the message names, and save again." },
  PreviewNotMade: { retry: "later", help: "Play the file in another program; `spool doctor` checks the media engine." },
  RunRefused: { retry: "config", help: "Run `spool check`: it lists every problem of the config." },
  SignInRefused: { retry: "config", help: "Print a new link with `spool serve --link`." },
  TooManyRequests: { retry: "later", help: "Wait a moment, and try again." }
}) {}

/** How a problem crosses the wire: the same fields for every status. */
const fields = {
  code: Schema.String,
  /** What happened, for a person. */
  message: Schema.String,
  /** What to do about it. */
  help: Schema.String
}

/** 400: what was asked can't be answered as it was asked. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", fields, HttpApiSchema.annotations({ status: 400 })) {}
/** 401: no session, or one that has ended. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()(
  "Unauthorized",
  fields,
  HttpApiSchema.annotations({ status: 401 })
) {}
/** 404 */
export class Missing extends Schema.TaggedError<Missing>()("Missing", fields, HttpApiSchema.annotations({ status: 404 })) {}
/** 429 */
export class Busy extends Schema.TaggedError<Busy>()("Busy", fields, HttpApiSchema.annotations({ status: 429 })) {}
/** 503: the library is not there at the moment, or can't be read. */
export class Away extends Schema.TaggedError<Away>()("Away", fields, HttpApiSchema.annotations({ status: 503 })) {}

/** The words of a failure, for one of the classes above. */
export const words = ({ code, help, message }: Failure.StageFailure) => ({ code, message, help })

export const missing = (code: "ItemUnknown" | "FileGone", detail: string) => new Missing(words(new PageError({ code, detail })))
export const refused = (code: "QueryRefused" | "CorrectionRefused" | "RunRefused" | "PreviewNotMade", detail: string) =>
  new Refused(words(new PageError({ code, detail })))
export const away = (code: "LibraryAbsent" | "LibraryAway", detail: string) => new Away(words(new PageError({ code, detail })))
