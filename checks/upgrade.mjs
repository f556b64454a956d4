// Makes a library with an older Mediaspool, as it really was, and goes on with this one: what was paid for stands, except for the files
// of which something else is heard now, and `why` says so (docs/durability.md, "Upgrades").
//   node checks/upgrade.mjs [COMMIT]     default: the last one before lengths, tracks and levels were measured anew
// Builds that commit in a worktree of its own, which takes minutes; BEFORE names a build that is there already. Needs ffmpeg.
import { spawnSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Home from "./durability/Home.mjs"
import { Report } from "./durability/Report.mjs"
import * as Service from "./durability/Service.mjs"
import { reading } from "./durability/Sqlite.mjs"

const COMMIT = "7b8b511"

const report = new Report()
const root = Home.temporary("upgrade")
const repository = fileURLToPath(new URL("..", import.meta.url))

const call = (program, args, options = {}) => {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8", ...options })
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`)
}

/** The older build's root. */
const before = () => {
  if (process.env.BEFORE !== undefined) return process.env.BEFORE
  const commit = process.argv[2] ?? COMMIT
  const tree = join(root, "before")
  report.say(`building ${commit} …`)
  call("git", ["worktree", "add", "--detach", tree, commit], { cwd: repository })
  call(process.execPath, ["scripts/setup.mjs"], { cwd: tree })
  return tree
}

const tone = (hertz, seconds = 3) => ["-f", "lavfi", "-i", `sine=frequency=${hertz}:duration=${seconds}`]
const picture = ["-f", "lavfi", "-i", "testsrc=duration=3:size=160x120:rate=10"]

/** Files of which both hear the same. */
const same = {
  "mono.wav": tone(300),
  "stereo.mp3": [...tone(350), "-ac", "2", "-b:a", "96k"],
  "plain.flac": tone(400),
  "voice.m4a": tone(450),
  "plain.ogg": [...tone(500), "-c:a", "libvorbis", "-ac", "2"],
  "clip.mp4": [...picture, ...tone(550), "-pix_fmt", "yuv420p"]
}

/** Files of which this one hears something else, or elsewhere. */
const other = {
  // The track that is marked as the default one comes second.
  "tracks.mka": [...tone(600), ...tone(650), "-map", "0", "-map", "1", "-disposition:a:0", "0", "-disposition:a:1", "default"],
  // The sound begins a second after the picture.
  "late.m2ts": [...picture, "-itsoffset", "1", ...tone(700, 2), "-map", "0", "-map", "1", "-f", "mpegts"]
}

/** A file whose channels cancel each other: nothing but decoding tells it from others, so its copy stays until somebody asks. */
const cancelled = { "phase.wav": [...tone(720), "-af", "pan=stereo|c0=c0|c1=-1*c0"] }

const make = (inbox) => {
  const ffmpeg = (name, args) => call("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, join(inbox, name)])
  for (const [name, args] of Object.entries({ ...same, ...other, ...cancelled })) ffmpeg(name, args)
  // Two recordings behind each other, as an internet radio's recorder leaves them.
  for (const [name, hertz] of [
    ["first.ogg", 750],
    ["second.ogg", 800]
  ])
    call("ffmpeg", ["-v", "error", "-nostdin", "-y", ...tone(hertz), "-c:a", "libvorbis", "-ac", "2", join(root, name)])
  writeFileSync(
    join(inbox, "joined.ogg"),
    Buffer.concat(["first.ogg", "second.ogg"].map((name) => readFileSync(join(root, name))))
  )
  return [...Object.keys(other), "joined.ogg"]
}

const config = (url) => `providers:
  emulator: { dialect: dashscope, baseUrl: "${url}", apiKey: { env: DASHSCOPE_API_KEY }, tpm: none, rpm: none, onAmbiguous: retry }
pipelines:
  sounds:
    source: { folder: ./inbox, include: ["**"] }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      acoustic: {}
      waveform: {}
      caption: { with: { provider: emulator } }
      persist: {}
`

const captions = (home) =>
  reading(join(home.state, "spool.db"), (all) =>
    all("SELECT media.path, text FROM caption JOIN media ON media.id = media_id ORDER BY media.path")
  )
const nameOf = (path) => String(path).split("/").at(-1)

const build = before()
const service = await Service.start()
try {
  const folder = join(root, "home")
  const old = Home.make(folder, { bin: join(build, "packages/cli/bin/spool.js"), config: config(service.url) })
  const now = Home.make(folder, { config: config(service.url) })
  const affected = make(now.inbox)
  const files = Object.keys({ ...same, ...cancelled }).length + affected.length

  const first = await old.spool("run", "--json")
  const made = Home.summary(first)
  report.say(`before: ${JSON.stringify(made?.items)}, ${(await service.bill()).paid} calls paid`)
  report.hold("the older build", made?.items.done === files ? [] : [`${first.stderr}`])
  const kept = new Map(captions(now).map(({ path, text }) => [nameOf(path), text]))
  await service.clear()

  const second = await now.spool("run", "--json")
  const upgraded = Home.summary(second)
  const { paid } = await service.bill()
  report.say(`now: ${JSON.stringify(upgraded?.items)}, ${paid} calls paid for ${affected.length} affected files`)
  report.hold("the upgrade", [
    ...(upgraded?.items.done === files ? [] : [`${JSON.stringify(upgraded?.items)}: ${second.stderr}`]),
    ...(paid === affected.length ? [] : [`${paid} calls were paid, not ${affected.length}`])
  ])
  const texts = new Map(captions(now).map(({ path, text }) => [nameOf(path), text]))
  report.hold(
    "captions",
    Object.keys(same).flatMap((name) => (texts.get(name) === kept.get(name) ? [] : [`another one of ${name}`]))
  )
  for (const name of affected) {
    const [reason] = Home.values(await now.spool("why", join("inbox", name), "copy", "--json"))
    report.hold(`why ${name}`, reason?.changes?.length > 0 ? [] : [`it gives no reason: ${JSON.stringify(reason)}`])
    report.say(`why ${name}: ${JSON.stringify(reason?.changes)}`)
  }
  const third = Home.summary(await now.spool("run", "--json"))
  const ran = Object.entries(third?.stages ?? {}).filter(([, { ran }]) => ran > 0)
  report.hold("another run", ran.length === 0 ? [] : [`it ran ${ran.map(([node]) => node).join(", ")}`])

  await service.clear()
  await now.spool("run", "--rerun", "copy", "--json")
  const more = (await service.bill()).paid
  report.say(`copies made anew: ${more} calls paid`)
  report.hold("--rerun copy", more === 1 ? [] : [`${more} calls were paid for one copy that comes out differently`])
} catch (error) {
  report.hold("the check", [String(error)])
} finally {
  await service.close()
  if (process.env.BEFORE === undefined) {
    rmSync(build, { recursive: true, force: true })
    spawnSync("git", ["worktree", "prune"], { cwd: repository })
  }
}
report.end(root)
