import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

/** A config that says nothing, loaded: what is there without any plugin. */
export const project = async () => {
  const { Project } = await import("../../packages/core/dist/index.js")
  const { host } = await import("../../packages/cli/dist/host.js")
  const cwd = mkdtempSync(join(tmpdir(), "mediaspool-reference-"))
  writeFileSync(join(cwd, "spool.yaml"), "pipelines: { empty: { stages: {} } }\n")
  try {
    return await Effect.runPromise(Project.load({ cwd }, host))
  } finally {
    rmSync(cwd, { recursive: true })
  }
}
