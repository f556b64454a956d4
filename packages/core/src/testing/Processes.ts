import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

/** Those that the system knows, detached ones too; nothing where it can't be asked. */
const known = (): number | undefined => {
  try {
    if (process.platform === "linux")
      return readdirSync("/proc/self/task").reduce(
        (count, thread) => count + (readFileSync(`/proc/self/task/${thread}/children`, "utf8").match(/\d+/g)?.length ?? 0),
        0
      )
    const parents = execFileSync("ps", ["-A", "-o", "ppid="], { encoding: "utf8" }).match(/\d+/g) ?? []
    // `ps` itself is one.
    return parents.filter((parent) => Number(parent) === process.pid).length - 1
  } catch {
    return undefined
  }
}

/** Child processes of this one. Where the system can't be asked, those that Node still watches over. */
export const children = (): number => known() ?? process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length
