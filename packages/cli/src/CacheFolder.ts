import { accessSync, constants } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const beside = fileURLToPath(new URL("./bundle", import.meta.url))

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Where the command keeps what only saves time, as `bin/spool.js` does: in its own package, or in the user's cache where that belongs to somebody else. */
export const cacheFolder = (name: string): string =>
  join(isWritable(beside) ? beside : join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "mediaspool"), name)
