import { expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { bin, folder, spool } from "./Spool.js"

/** Runs the command where the state folder is on a read-only mount. */
const sealed = (cwd: string, ...args: ReadonlyArray<string>) =>
  spawnSync(
    "unshare",
    [
      "-rm",
      "sh",
      "-c",
      'mount --bind .spool .spool && mount -o remount,ro,bind .spool && exec "$0" "$@"',
      process.execPath,
      bin,
      ...args
    ],
    { cwd, encoding: "utf8" }
  )

const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0
if (!canMount) console.warn("skipped: read-only mounts, which need `unshare` and the right to use it")

it.skipIf(!canMount)(
  "reads a library on a read-only mount, and refuses to work there",
  async () => {
    const home = folder({
      "spool.yaml": "pipelines: { sounds: { source: { folder: ./in }, stages: { probe: {} } } }",
      "in/text.mp3": "no sound"
    })
    expect((await spool(home, "run")).code).toBe(1)
    expect(sealed(home, "errors")).toMatchObject({ status: 0, stdout: expect.stringContaining("NotMedia"), stderr: "" })
    expect(sealed(home, "ls")).toMatchObject({ status: 0, stdout: expect.stringContaining("in/text.mp3") })
    expect(sealed(home, "run").status).toBe(78)
  },
  60_000
)
