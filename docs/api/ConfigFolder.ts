import { ConfigFolder } from "@mediaspool/core"
import { Effect } from "effect"
import { join } from "node:path"

/** Where a copy goes, below a folder that the config names: `to: ./copies`. */
export const target = (to: string, hash: string): Effect.Effect<string> =>
  Effect.map(ConfigFolder.resolve(to), (folder) => join(folder, `${hash}.wav`))
