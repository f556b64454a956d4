import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { Output } from "../output/Output.js"
import * as options from "./options.js"

export const serve = Command.make(
  "serve",
  {
    port: Options.integer("port").pipe(
      Options.withDefault(4880),
      Options.withDescription("Port to listen on; 0 finds a free one; default 4880")
    ),
    link: Options.boolean("link").pipe(Options.withDescription("Print a new link to the server that runs, and end")),
    listen: Options.text("listen").pipe(
      Options.withPseudoName("address"),
      Options.optional,
      Options.withDescription("Serve other machines on this address; needs TLS or --behind-proxy, --origin and a password")
    ),
    origin: Options.text("origin").pipe(
      Options.withPseudoName("url"),
      Options.optional,
      Options.withDescription("With --listen: what the browser's address bar says, such as https://media.example.org")
    ),
    behindProxy: Options.boolean("behind-proxy").pipe(
      Options.withDescription("With --listen: a proxy in front of it speaks TLS with the browser")
    ),
    tlsCert: Options.file("tls-cert", { exists: "yes" }).pipe(
      Options.optional,
      Options.withDescription("With --listen: certificate, PEM")
    ),
    tlsKey: Options.file("tls-key", { exists: "yes" }).pipe(
      Options.optional,
      Options.withDescription("With --listen: its key, PEM")
    ),
    passwordFile: Options.file("password-file", { exists: "yes" }).pipe(
      Options.optional,
      Options.withDescription("With --listen: file with the password; default: the variable MEDIASPOOL_PASSWORD")
    ),
    json: options.json,
    config: options.config
  },
  (asked) =>
    Effect.gen(function* () {
      const { printLink, servePage } = yield* Effect.promise(() => import("./serve/ServePage.js"))
      yield* asked.link ? printLink(asked) : servePage(asked)
    }).pipe(Effect.provide(Output.layer(asked.json)))
).pipe(Command.withDescription("Serve a page to look, listen and correct, on this machine"))
