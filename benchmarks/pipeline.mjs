// What people run: `spool run` with the pipeline that `spool init` writes, against a script with one process a step, the one best ffmpeg
// command, and another build of this repository. Needs ffmpeg, ffprobe and xargs.
//   node benchmarks/pipeline.mjs [clips] [songs] [minutes]      0: without it
//   BEFORE=../before node benchmarks/pipeline.mjs        a checkout that is set up, to compare with
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { figure, median } from "./Figure.mjs"
import { clips, long, songs } from "./MediaCorpus.mjs"

const [clipCount = 500, songCount = 184, minutes = 60] = process.argv.slice(2).map(Number)
const here = fileURLToPath(new URL("..", import.meta.url))
const before = process.env.BEFORE === undefined ? undefined : resolve(process.env.BEFORE)

const base = mkdtempSync(join(tmpdir(), "mediaspool-pipeline-"))
let runs = 0

/** A short pipeline, for what it costs alone. */
const COPY_AND_WAVEFORM = {
  probe: {},
  copy: { use: "transcode", with: { format: "mp3", sampleRate: 16000, channels: 1 } },
  waveform: {}
}

/** Processes under one, with itself, and without ffmpeg. */
const family = (root) => {
  const children = new Map()
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const [, command, rest] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? []
      const parent = Number(rest?.split(" ")[1])
      children.set(parent, [...(children.get(parent) ?? []), { pid: Number(name), command }])
    } catch {
      // It has ended.
    }
  const under = (pid) => (children.get(pid) ?? []).flatMap((child) => [child, ...under(child.pid)])
  return under(root).filter(({ command }) => command !== "ffmpeg" && command !== "sh")
}

/** Megabytes that they take: what several share is shared out. */
const megabytes = (processes) =>
  processes.reduce((sum, { pid }) => {
    try {
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024
    } catch {
      return sum
    }
  }, 0)

/** Runs a command to its end: seconds, seconds of processors over all its processes, and the peak of memory without ffmpeg's. */
const timed = (command, args, cwd) =>
  new Promise((done, fail) => {
    const start = performance.now()
    const child = spawn("sh", ["-c", '"$@" >&2; code=$?; times; exit $code', "sh", command, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let out = ""
    let said = ""
    let peak = 0
    child.stdout.on("data", (data) => (out += data))
    child.stderr.on("data", (data) => (said = (said + data).slice(-2000)))
    const looking =
      process.platform === "linux" ? setInterval(() => (peak = Math.max(peak, megabytes(family(child.pid)))), 200) : undefined
    child.on("close", (code) => {
      clearInterval(looking)
      if (code !== 0) return fail(new Error(`${command} ${args.join(" ")} ended with ${code}: ${said}`))
      const [, ...times] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(out) ?? []
      const [a, b, c, d] = times.map(Number)
      done({ seconds: (performance.now() - start) / 1000, processor: a * 60 + b + c * 60 + d, peak })
    })
  })

/** `spool run` of a build over a folder, from nothing. @param stages instead of those that `spool init` writes */
const spool = async (build, media, stages) => {
  const folder = join(base, String(++runs))
  mkdirSync(folder)
  const bin = join(build, "packages/cli/bin/spool.js")
  if (stages === undefined) {
    spawnSync(process.execPath, [join(here, "packages/cli/bin/spool.js"), "init", "."], { cwd: folder })
    const config = join(folder, "spool.yaml")
    writeFileSync(config, readFileSync(config, "utf8").replace("folder: .", `folder: ${JSON.stringify(media)}`))
  } else
    writeFileSync(join(folder, "spool.yaml"), JSON.stringify({ pipelines: { sounds: { source: { folder: media }, stages } } }))
  const found = await timed(process.execPath, [bin, "run"], folder)
  rmSync(folder, { recursive: true, force: true })
  return found
}

/** A shell script over files, one process a step, as many at once as there are processors. */
const script = async (files, text) => {
  const folder = join(base, String(++runs))
  mkdirSync(folder)
  writeFileSync(join(folder, "step.sh"), `f=$1; o=${folder}/$(basename "$1")\n${text}\n`)
  writeFileSync(join(folder, "files"), files.join("\0"))
  const found = await timed("xargs", [
    "-0",
    "-a",
    join(folder, "files"),
    "-n1",
    `-P${availableParallelism()}`,
    "sh",
    join(folder, "step.sh")
  ])
  rmSync(folder, { recursive: true, force: true })
  return found
}

/** Medians of rounds in which each side runs once, so that a busy moment hits both. */
const compare = async (times, ours, theirs) => {
  const rounds = []
  for (let n = 0; n < times; n++) rounds.push({ theirs: await theirs(), ours: await ours() })
  const ratio = (of) => median(rounds.map(({ ours, theirs }) => of(ours) / of(theirs)))
  return { processor: ratio((one) => one.processor), seconds: ratio((one) => one.seconds), last: rounds.at(-1) }
}

const both = ({ last: { ours, theirs } }, of, per = 1) =>
  `${((of(ours) / per) * (per > 1 ? 1000 : 1)).toFixed(1)} against ${((of(theirs) / per) * (per > 1 ? 1000 : 1)).toFixed(1)} ${per > 1 ? "ms each" : "s"}`

/** One process a step, for what the default pipeline does; tempo and key, which no such program tells, are left out. */
const STEPS = `ffprobe -v error -show_format -show_streams -of json "$f" > "$o.json"
ffmpeg -nostdin -v error -y -i "$f" -vn -ac 1 -ar 16000 "$o.mp3"
ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af ebur128=peak=true -f null - 2> "$o.loudness"
ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af silencedetect=n=-50dB:d=0.5 -f null - 2> "$o.silences"
ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af astats -f null - 2> "$o.levels"
ffmpeg -nostdin -hide_banner -nostats -i "$f" -vn -af aspectralstats,ametadata=print:file="$o.spectrum" -f null - 2> /dev/null
ffmpeg -nostdin -v error -y -i "$f" -filter_complex showwavespic=s=1200x200 -frames:v 1 "$o.png"`

/** The same as one command. */
const ONE = `ffmpeg -nostdin -hide_banner -nostats -y -i "$f" -filter_complex "[0:a]asplit=4[a][b][c][d];\\
[a]aresample=16000,aformat=channel_layouts=mono[copy];[b]silencedetect=n=-50dB:d=0.5,astats,ebur128=peak=true:framelog=verbose[measured];\\
[c]aresample=8000,aformat=channel_layouts=mono,showwavespic=s=1200x200[picture];\\
[d]aspectralstats=win_size=4096:overlap=0,ametadata=print:file=$o.spectrum[described]" \\
-map "[copy]" "$o.mp3" -map "[measured]" -f null - -map "[described]" -f null - -map "[picture]" -frames:v 1 "$o.png" 2> "$o.log"`

try {
  const met = []
  const memory = (name, peak) => {
    if (peak > 0)
      met.push(figure({ name: `${name}: memory of all processes but ffmpeg, of 300 MB`, ratio: peak / 300, atMost: 1 }))
  }

  if (clipCount > 0) {
    const paths = await clips(clipCount)
    const folder = dirname(paths[0])
    if (before !== undefined) {
      const whole = await compare(
        2,
        () => spool(here, folder),
        () => spool(before, folder)
      )
      met.push(
        figure({
          name: `default pipeline over ${clipCount} clips: processor time of the build before`,
          ratio: whole.processor,
          atMost: 0.45,
          detail: both(whole, ({ processor }) => processor, clipCount)
        })
      )
      const few = await compare(
        2,
        () => spool(here, folder, COPY_AND_WAVEFORM),
        () => spool(before, folder, COPY_AND_WAVEFORM)
      )
      met.push(
        figure({
          name: "copy and waveform alone: processor time of the build before",
          ratio: few.processor,
          atMost: 0.5,
          detail: both(few, ({ processor }) => processor, clipCount)
        })
      )
    }
    const steps = await compare(
      1,
      () => spool(here, folder),
      () => script(paths, STEPS)
    )
    met.push(
      figure({
        name: `default pipeline over ${clipCount} clips, against a script with one process a step`,
        ratio: 1 / steps.seconds,
        atLeast: 9,
        detail: both(steps, ({ seconds }) => seconds)
      })
    )
    memory(`${clipCount} clips`, steps.last.ours.peak)
  }

  if (before !== undefined && songCount > 0) {
    const sung = dirname((await songs(songCount))[0])
    const whole = await compare(
      1,
      () => spool(here, sung),
      () => spool(before, sung)
    )
    met.push(
      figure({
        name: `default pipeline over ${songCount} songs: time of the build before`,
        ratio: whole.seconds,
        atMost: 0.6,
        detail: `${both(whole, ({ seconds }) => seconds)}; of the processors ${whole.processor.toFixed(2)}×`
      })
    )
  }

  if (minutes > 0) {
    const hour = await long(minutes)
    const one = await compare(
      1,
      () => spool(here, dirname(hour)),
      () => script([hour], ONE)
    )
    met.push(
      figure({
        name: `default pipeline over ${minutes} minutes, in the time of the one best ffmpeg command`,
        ratio: one.seconds,
        atMost: 0.6,
        detail: both(one, ({ seconds }) => seconds)
      })
    )
    memory(`${minutes} minutes`, one.last.ours.peak)
  }
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(base, { recursive: true, force: true })
}
