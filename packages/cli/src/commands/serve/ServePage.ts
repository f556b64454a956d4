import { ConfigFile } from "@mediaspool/core"
import { serve, type ServeOptions, Site } from "@mediaspool/server"
import { Effect, Either, Layer, Option } from "effect"
import { readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as layers from "../../layers.js"
import * as NodeServices from "../../NodeServices.js"
import { Output, paint } from "../../output/Output.js"
import { place } from "../../output/Text.js"
import { stateFolder } from "../../project.js"
import { Refused } from "../../Refused.js"
import { version } from "../../Version.js"
import * as ConfigNow from "./ConfigNow.js"
import * as NodePrice from "./NodePrice.js"
import * as ServeLink from "./ServeLink.js"

export interface Asked {
  readonly port: number
  readonly listen: Option.Option<string>
  readonly origin: Option.Option<string>
  readonly behindProxy: boolean
  readonly tlsCert: Option.Option<string>
  readonly tlsKey: Option.Option<string>
  readonly passwordFile: Option.Option<string>
  readonly config: Option.Option<string>
}

/** The state folder of the config; beside where one stands when there is no config yet. */
const stateOf = (config: Option.Option<string>) => Effect.orElseSucceed(stateFolder(config), () => resolve(ConfigFile.STATE))

const LOOPBACK = "127.0.0.1"
const isLoopback = (address: string): boolean => address === LOOPBACK || address === "::1" || address === "localhost"

const read = (file: Option.Option<string>): string | undefined =>
  Option.getOrUndefined(Option.map(file, (path) => readFileSync(path, "utf8").trim()))

/** Where and how it listens. Other machines are let in only over TLS, under one name, and with a password. */
const listening = (asked: Asked): Effect.Effect<Omit<ServeOptions, "state" | "migrations">, Refused> =>
  Effect.gen(function* () {
    const { behindProxy, port } = asked
    if (port < 0 || port > 65_535) return yield* Refused.usage(`${port} is no port.`, "A port is a number from 0 to 65535.")
    const address = Option.getOrElse(asked.listen, () => LOOPBACK)
    const origin = Option.getOrUndefined(asked.origin)
    const cert = read(asked.tlsCert)
    const key = read(asked.tlsKey)
    const tls = cert === undefined || key === undefined ? undefined : { cert, key }
    const password = read(asked.passwordFile) ?? process.env["MEDIASPOOL_PASSWORD"]
    if (origin !== undefined && !URL.canParse(origin))
      return yield* Refused.usage(`'${origin}' is no address of a page.`, "It looks like https://media.example.org")
    if (isLoopback(address) && origin === undefined) return { port, address: address === "localhost" ? LOOPBACK : address, tls }
    if (tls === undefined && !behindProxy)
      return yield* Refused.usage(
        `Serving ${address} without TLS would show everything to the network.`,
        "Give `--tls-cert` and `--tls-key`, or `--behind-proxy` where a proxy speaks TLS."
      )
    if (origin === undefined)
      return yield* Refused.usage("It isn't known what the browser's address bar will say.", "Give `--origin https://…`.")
    if (password === undefined || password.length < 12)
      return yield* Refused.usage(
        "Other machines are let in only with a password of twelve characters or more.",
        "Set MEDIASPOOL_PASSWORD, or give `--password-file`."
      )
    return { port, address, origin, tls, password }
  })

const command = [process.execPath, fileURLToPath(new URL("../../../bin/spool.js", import.meta.url))] as const

/** Prints a new link to the server that runs. */
export const printLink = ({ config }: Pick<Asked, "config">) =>
  Effect.gen(function* () {
    const output = yield* Output
    const url = yield* ServeLink.ask(yield* stateOf(config))
    yield* output.value({ type: "link", url })
    if (!output.json) yield* output.print(url)
  })

/** The page's server, while the scope is open; prints its link. */
export const start = (asked: Asked) =>
  Effect.gen(function* () {
    const output = yield* Output
    const options = yield* listening(asked)
    const state = yield* stateOf(asked.config)
    const project = ConfigNow.make(asked.config)
    const found = yield* Effect.either(ConfigFile.find({ cwd: process.cwd(), file: Option.getOrUndefined(asked.config) }))
    const config = Option.getOrUndefined(Either.getRight(found))
    const serving = yield* serve({ ...options, state, migrations: layers.builtInMigrations }).pipe(
      Effect.provideService(Site, {
        folder: config === undefined ? process.cwd() : dirname(config),
        version,
        project,
        price: NodePrice.of,
        command,
        config
      })
    )
    yield* ServeLink.answer(state, serving.link)
    const url = options.password === undefined ? yield* serving.link : serving.url
    yield* output.value({ type: "serving", url, port: serving.port })
    yield* output.print(`${paint.bold("Mediaspool")} is at ${paint.cyan(url)}`)
    yield* output.print(
      paint.dim(
        options.password === undefined
          ? `The link works once; \`spool serve --link\` prints another. Library: ${place(join(state, "spool.db"))}`
          : `Library: ${place(join(state, "spool.db"))}`
      )
    )
  })

const services = Layer.merge(layers.mediaEngine, NodeServices.layer)

/** Serves on this machine while the scope is open, beside something else. */
export const serveBeside = ({ config, port }: Pick<Asked, "config" | "port">) =>
  Effect.flatMap(Layer.build(services), (context) =>
    Effect.provide(
      start({
        config,
        port,
        listen: Option.none(),
        origin: Option.none(),
        behindProxy: false,
        tlsCert: Option.none(),
        tlsKey: Option.none(),
        passwordFile: Option.none()
      }),
      context
    )
  ).pipe(Effect.catchTag("ServeError", (error) => Refused.of(error)))

/** Serves until it is told to end. */
export const servePage = (asked: Asked) =>
  Effect.scoped(Effect.zipRight(start(asked), Effect.never)).pipe(
    Effect.provide(services),
    Effect.catchTag("ServeError", (error) => Refused.of(error))
  )
