import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Away, Busy, Unauthorized } from "./Problem.js"

/** What a mutation carries besides the cookie, as the header `x-mediaspool-token`. */
export const Session = Schema.Struct({ token: Schema.String })

export const SignIn = Schema.Union(
  Schema.Struct({ code: Schema.String.pipe(Schema.maxLength(200)) }),
  Schema.Struct({ password: Schema.String.pipe(Schema.maxLength(1000)) })
)

/** How the library is at the moment. */
export const Overview = Schema.Struct({
  /** `absent`: nothing has run yet. `away`: it is there and can't be read. */
  library: Schema.Literal("ready", "absent", "away"),
  problem: Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String, help: Schema.String })),
  /** Whether there is a config, usable or not. */
  hasConfig: Schema.Boolean,
  /** What is wrong with the config; null when it can be used. */
  config: Schema.NullOr(Schema.String),
  /** The folder of the config, for people. */
  folder: Schema.String,
  counts: Schema.Struct({
    files: Schema.Int,
    review: Schema.Int,
    failures: Schema.Int,
    /** Groups of files that are there twice, with one that nobody has decided about. */
    duplicates: Schema.Int,
    /** Pipelines with a run under way. */
    running: Schema.Int
  }),
  version: Schema.String
})
export type Overview = typeof Overview.Type

/** Signing in, and what every view needs. */
export const SessionApi = HttpApiGroup.make("session")
  .add(HttpApiEndpoint.post("open", "/session").setPayload(SignIn).addSuccess(Session).addError(Unauthorized).addError(Busy))
  .add(HttpApiEndpoint.get("get", "/session").addSuccess(Session).addError(Unauthorized))
  .add(HttpApiEndpoint.del("close", "/session").addSuccess(Schema.Void))
  .add(HttpApiEndpoint.get("overview", "/overview").addSuccess(Overview).addError(Away))
  .add(
    HttpApiEndpoint.get("events", "/events").addSuccess(
      Schema.String.annotations({
        description:
          "Server-sent events: `library` (it has changed), `runs` (the state of the runs), `overview`. A comment every 15 s; with `Last-Event-ID` what was missed, or `reset`."
      })
    )
  )
