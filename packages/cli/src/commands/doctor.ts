import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect, type Option } from "effect"
import { Ended, ExitCode } from "../ExitCode.js"
import { Output, paint } from "../output/Output.js"
import { Refused } from "../Refused.js"
import * as options from "./options.js"

const mark = { ok: paint.green("✓"), warning: paint.yellow("!"), problem: paint.red("✗") }

const examination = (config: Option.Option<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { examine } = yield* Effect.promise(() => import("./doctor/Examination.js"))
    const findings = yield* examine(config)
    const width = Math.max(...findings.map(({ name }) => name.length))
    for (const finding of findings) {
      yield* output.value({ type: "finding", ...finding })
      if (output.json) continue
      const { detail, help, name, status } = finding
      yield* output.print(
        `${mark[status]} ${name.padEnd(width)}  ${detail}${help === undefined ? "" : `\n${" ".repeat(width + 4)}${help}`}`
      )
    }
    if (findings.some(({ status }) => status === "problem")) return yield* new Ended({ code: ExitCode.config })
  })

export const doctor = Command.make(
  "doctor",
  {
    verify: Options.boolean("verify").pipe(
      Options.withDescription("Decode files again and compare them with their stored results: all, or those of a query")
    ),
    query: options.query,
    json: options.json,
    config: options.config
  },
  ({ config, json, query, verify }) =>
    Effect.gen(function* () {
      if (verify) {
        const { verification } = yield* Effect.promise(() => import("./doctor/Verification.js"))
        return yield* verification(config, query)
      }
      if (query !== "") return yield* Refused.usage("A query goes with `--verify`.", "`spool doctor --verify duration:<60`")
      return yield* examination(config)
    }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("Check Node, the media engine, the config, the state folder and the disk"))
