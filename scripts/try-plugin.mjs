// Tries what a stranger does, from packed tarballs and outside of this workspace: a plugin is made, tested, checked, built, packed,
// used in a pipeline and seen in the database. Installing is npm's part and takes most of the time.
import { spawn } from "node:child_process"
import { mkdtempSync, mkdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { lint, pack } from "./pack.mjs"
import { serve } from "./registry.mjs"

const limitMillis = 15 * 60_000
const folder = mkdtempSync(join(tmpdir(), "mediaspool-try-"))
const started = Date.now()
const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`

const tarballs = pack(join(folder, "packed"))
lint(tarballs)
console.log(`packed, and publint and attw have nothing to say · ${seconds()}`)
const registry = await serve(Object.values(tarballs))
const home = join(folder, "empty")
mkdirSync(home)

/** Runs a line in a shell, as a person would; gives what it printed. */
const run = (line, cwd = home) =>
  new Promise((resolve, reject) => {
    console.log(`$ ${line}`)
    const child = spawn(line, {
      cwd,
      shell: true,
      timeout: limitMillis - (Date.now() - started),
      // Only our own scope comes from loopback; everything else from where npm gets it.
      env: {
        ...process.env,
        "npm_config_@mediaspool:registry": registry.url,
        npm_config_fund: "false",
        npm_config_audit: "false"
      }
    })
    let printed = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        printed += bytes
        process.stdout.write(bytes)
      })
    child.on("close", (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`\`${line}\` ended with ${code} after ${seconds()}`))
    )
  })
