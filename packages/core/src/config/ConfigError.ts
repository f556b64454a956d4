import { Schema } from "effect"
import * as Diagnostic from "./Diagnostic.js"

const reasons = {
  ConfigNotFound: { retry: "config", help: "`spool init` writes a config that works at once; `--config` names one elsewhere." },
  ConfigUnreadable: { retry: "config", help: "The config must be a readable file of less than 1 MiB." },
  ConfigFaulty: {
    retry: "config",
    help: "Fix the problems listed above, then run `spool check`: it opens no media and writes nothing."
  }
} as const

/** Everything that is wrong with a config. Nothing was run and no file was touched. */
export class ConfigError extends Schema.TaggedError<ConfigError>("@mediaspool/ConfigError")("ConfigError", {
  code: Schema.Literal("ConfigNotFound", "ConfigUnreadable", "ConfigFaulty"),
  faults: Schema.NonEmptyArray(
    Schema.Struct({
      file: Schema.String,
      line: Schema.optional(Schema.Int),
      column: Schema.optional(Schema.Int),
      path: Schema.String,
      message: Schema.String,
      candidates: Schema.Array(Schema.String)
    })
  )
}) {
  static readonly reasons = reasons
  get retry() {
    return reasons[this.code].retry
  }
  get help(): string {
    return reasons[this.code].help
  }
  /** One line a fault. */
  override get message(): string {
    return this.faults.map((fault) => Diagnostic.render(fault)).join("\n")
  }
}

/** A fault of the file as a whole. */
export const ofFile = (code: ConfigError["code"], file: string, message: string): ConfigError =>
  new ConfigError({ code, faults: [{ file, path: "", message, candidates: [] }] })
