// Tries what a stranger does, from packed tarballs and outside of this workspace: a plugin is made, tested, checked, built, packed,
// used in a pipeline and seen in the database. Installing is npm's part and takes most of the time.
// `--packed FOLDER` takes tarballs that are there already, `--keep` leaves everything for a look.
import { execSync, spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { lint, pack, packed } from "./pack.mjs"
import { prebuilt } from "./prebuilt.mjs"
import { serve } from "./registry.mjs"

const limitMillis = 15 * 60_000
const folder = mkdtempSync(join(tmpdir(), "mediaspool-try-"))
const started = Date.now()
const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`

const given = process.argv.indexOf("--packed")
const tarballs = given === -1 ? pack(join(folder, "packed")) : packed(resolve(process.argv[given + 1] ?? "."))
lint(tarballs)
console.log(`packed, and publint and attw have nothing to say · ${seconds()}`)
const sqlite = prebuilt(join(folder, "prebuilt"))
const registry = await serve(Object.values(tarballs), [sqlite])
const home = join(folder, "empty")
mkdirSync(home)
// Only our own scope comes from loopback; everything else from where npm gets it.
const npmrc = join(folder, "npmrc")
writeFileSync(npmrc, `@mediaspool:registry=${registry.url}/\nfund=false\naudit=false\n`)
// What npm has downloaded is used again, what npx has installed is not: our version stays the same while it is worked on.
const cache = join(folder, "npm")
mkdirSync(cache)
symlinkSync(join(execSync("npm config get cache", { encoding: "utf8" }).trim(), "_cacache"), join(cache, "_cacache"))
const npm = {
  npm_config_cache: cache,
  npm_config_globalconfig: npmrc,
  npm_config_better_sqlite3_binary_host: registry.url
}

/** Runs a line in a shell, as a person would; gives what it printed. */
const run = (line, cwd = home) =>
  new Promise((resolve, reject) => {
    console.log(`$ ${line}`)
    const child = spawn(line, {
      cwd,
      shell: true,
      timeout: limitMillis - (Date.now() - started),
      env: { ...process.env, ...npm }
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

try {
  await run("npx --yes @mediaspool/cli plugin new punch")
  const punch = join(home, "punch")
  await run("npm test", punch)
  console.log(`two commands after the empty folder its tests pass · ${seconds()}`)
  await run("npm run types", punch)
  mkdirSync(join(punch, "inbox"))
  for (const sound of ["drums", "tone", "silence"])
    await run(
      `node -e "import('@mediaspool/plugins/testing').then(({ SampleMedia }) => require('fs').writeFileSync('inbox/${sound}.wav', SampleMedia.wav('${sound}')))"`,
      punch
    )
  await run("npx spool plugin dev --once --sample drums", punch)
  await run("npx spool check && npx spool run && npx spool show inbox/drums.wav", punch)
  const rows = await run(
    `node -e "const D = require('better-sqlite3'); for (const row of new D('.spool/spool.db', { readonly: true }).prepare('SELECT path, json FROM result JOIN media ON media.id = media_id').raw().all()) console.log(row.join(' '))"`,
    punch
  )
  if (!/drums\.wav \{"crestFactor":1\d(\.\d+)?,"punchy":true\}/.test(rows))
    throw new Error(`the library doesn't hold what the stage gave:\n${rows}`)
  await run(`npm pack --pack-destination ${home}`, punch)
  console.log(`built, packed, used in a pipeline and seen in the database · ${seconds()}`)

  // The same plugin as others get it: from its tarball, by its name.
  const other = join(folder, "other")
  mkdirSync(join(other, "inbox"), { recursive: true })
  await run("npm init -y", other)
  await run(`npm install @mediaspool/cli ${join(home, "punch-0.1.0.tgz")}`, other)
  cpSync(join(punch, "inbox"), join(other, "inbox"), { recursive: true })
  writeFileSync(
    join(other, "spool.yaml"),
    'plugins: ["punch"]\npipelines:\n  sounds:\n    source: { folder: ./inbox }\n    stages: { punch: {}, persist: {} }\n'
  )
  await run("npx spool check && npx spool run && npx spool show inbox/drums.wav", other)
  console.log(`installed elsewhere by its name, and run · ${seconds()}`)
} finally {
  registry.close()
  if (process.argv.includes("--keep")) console.log(`kept ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}
