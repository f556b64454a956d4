import { Context, Effect } from "effect"
import { resolve } from "node:path"

/** Absolute path of the config's folder, where relative paths in it start; the working directory where there is no config. */
export class ConfigFolder extends Context.Reference<ConfigFolder>()("@mediaspool/core/ConfigFolder", {
  defaultValue: (): string => process.cwd()
}) {
  /**
   * A path as the config has it, made absolute: `spool` may be started from another folder.
   *
   * @example
   * const exports = yield* ConfigFolder.resolve(config.to)
   */
  static readonly resolve = (path: string): Effect.Effect<string> => Effect.map(ConfigFolder, (folder) => resolve(folder, path))
}
