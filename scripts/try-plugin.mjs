// Tries what a stranger does, from packed tarballs and outside of this workspace: a plugin is made, tested, checked, built, packed,
// used in a pipeline and seen in the database. No registry but the public one is asked, and for others' packages alone. Installing is npm's part and takes most of the time.
// `--packed FOLDER` takes tarballs that are there already, `--keep` leaves everything for a look.
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { lint, pack, tarballsIn } from "./pack.mjs"
import { prebuilt } from "./prebuilt.mjs"

const limitMillis = 20 * 60_000
const folder = mkdtempSync(join(tmpdir(), "mediaspool-try-"))
const started = Date.now()
const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`

const given = process.argv.indexOf("--packed")
const tarballs = given === -1 ? pack(join(folder, "packed")) : tarballsIn(resolve(process.argv[given + 1] ?? "dist"))
lint(tarballs)
console.log(`packed, and publint and attw have nothing to say · ${seconds()}`)
const home = join(folder, "empty")
mkdirSync(home)
// Ours come from the tarballs alone, all others from where npm gets them; what npm has downloaded before is used again.
const npm = {
  npm_config_prefix: join(folder, "global"),
  npm_config_fund: "false",
  npm_config_audit: "false",
  npm_config_better_sqlite3_local_prebuilds: prebuilt(join(folder, "prebuilt"))
}

/** Runs a line in a shell, as a person would; gives what it printed. */
const run = (line, cwd = home) =>
  new Promise((resolve, reject) => {
    console.log(`$ ${line}`)
    const child = spawn(line, {
      cwd,
      shell: true,
      timeout: limitMillis - (Date.now() - started),
      env: { ...process.env, ...npm, PATH: `${join(folder, "global", "bin")}:${process.env.PATH}` }
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
  await run(`npm install -g ${tarballs.cli}`)
  await run("spool plugin new punch")
  const punch = join(home, "punch")
  await run("npm test", punch)
  console.log(`three commands after the empty folder its tests pass · ${seconds()}`)
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
  const ours = [tarballs.cli, tarballs.core, tarballs.plugins].join(" ")
  await run(`npm install ${ours} ${join(home, "punch-0.1.0.tgz")}`, other)
  cpSync(join(punch, "inbox"), join(other, "inbox"), { recursive: true })
  writeFileSync(
    join(other, "spool.yaml"),
    'plugins: ["punch"]\npipelines:\n  sounds:\n    source: { folder: ./inbox }\n    stages: { punch: {}, persist: {} }\n'
  )
  await run("npx spool check && npx spool run && npx spool show inbox/drums.wav", other)
  console.log(`installed elsewhere by its name, and run · ${seconds()}`)
} finally {
  if (process.argv.includes("--keep")) console.log(`kept ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}
