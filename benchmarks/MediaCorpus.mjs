// Sounds to measure with, synthesised once into benchmarks/.corpus: clips of 2 to 5 seconds in six formats, and an hour of sound.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const folder = fileURLToPath(new URL(".corpus/", import.meta.url))
export const plugins = (module) =>
  import(pathToFileURL(fileURLToPath(new URL(`../packages/plugins/dist/${module}.js`, import.meta.url))).href)

const ffmpeg = (...args) => {
  const { status, stderr } = spawnSync("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr || "ffmpeg is needed for the corpus and the peers")
}

/** How each format is made of a WAV. */
const formats = {
  wav: (from, to) => ffmpeg("-i", from, to),
  mp3: (from, to) => ffmpeg("-i", from, "-b:a", "128k", to),
  flac: (from, to) => ffmpeg("-i", from, to),
  opus: (from, to) => ffmpeg("-i", from, "-b:a", "96k", to),
  m4a: (from, to) => ffmpeg("-i", from, "-b:a", "128k", to),
  mp4: (from, to) =>
    ffmpeg(
      ...["-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=6", "-i", from, "-shortest", "-c:v", "libx264", "-preset", "ultrafast"],
      ...["-pix_fmt", "yuv420p", "-c:a", "aac", to]
    )
}

/** Makes a folder once: a run that was stopped leaves nothing that looks finished. */
const once = async (name, make) => {
  const path = join(folder, name)
  if (existsSync(path)) return path
  const part = `${path}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  await make(part)
  renameSync(part, path)
  return path
}

/** Paths of this many clips. */
export const clips = async (count) => {
  const SampleMedia = await plugins("testing/SampleMedia")
  const sounds = SampleMedia.sounds.filter((sound) => sound !== "silence")
  const path = await once(`clips-${count}`, (part) => {
    const scratch = join(part, "scratch.wav")
    for (let n = 0; n < count; n++) {
      const shape = {
        seconds: 2 + ((n * 37) % 31) / 10,
        sampleRate: n % 3 === 0 ? 48000 : 44100,
        channels: 1 + (n % 2),
        seed: n + 1
      }
      writeFileSync(scratch, SampleMedia.wav(sounds[n % sounds.length], shape))
      const format = Object.keys(formats)[n % 6]
      formats[format](scratch, join(part, `clip ${String(n).padStart(4, "0")}.${format}`))
    }
    rmSync(scratch)
  })
  return readdirSync(path).map((name) => join(path, name))
}

/** The path of an MP3 of so many minutes. */
export const long = async (minutes) => {
  const SampleMedia = await plugins("testing/SampleMedia")
  const path = await once(`long-${minutes}`, (part) => {
    const loop = join(part, "loop.wav")
    writeFileSync(loop, SampleMedia.wav("speech", { seconds: 60, channels: 2 }))
    ffmpeg("-stream_loop", String(minutes - 1), "-i", loop, "-b:a", "128k", join(part, "long.mp3"))
    rmSync(loop)
  })
  return join(path, "long.mp3")
}

/** Paths of this many songs of 20 to 120 seconds: two of several sounds at once, slower or faster, with a silence. */
export const songs = async (count) => {
  const SampleMedia = await plugins("testing/SampleMedia")
  const sounds = SampleMedia.sounds.filter((sound) => sound !== "silence")
  const path = await once(`songs-${count}`, (part) => {
    const loop = (n) => join(part, `loop ${n}.wav`)
    for (const [n, sound] of sounds.entries())
      writeFileSync(loop(n), SampleMedia.wav(sound, { seconds: 12, channels: 2, seed: n + 1 }))
    for (let n = 0; n < count; n++) {
      const seconds = 20 + ((n * 37) % 101)
      const speed = 0.9 + ((n * 7) % 21) / 100
      const quiet = 5 + (n % 10)
      const [first, second] = [n % sounds.length, (n * 3 + 1) % sounds.length]
      ffmpeg(
        ...["-stream_loop", "-1", "-i", loop(first), "-stream_loop", "-1", "-i", loop(second)],
        "-filter_complex",
        `[0:a][1:a]amix=inputs=2,atempo=${speed},volume=0:enable='between(t,${quiet},${quiet + 2})'`,
        ...["-t", String(seconds)],
        join(part, `song ${String(n).padStart(4, "0")}.${["ogg", "mp3", "flac"][n % 3]}`)
      )
    }
    for (const n of sounds.keys()) rmSync(loop(n))
  })
  return readdirSync(path).map((name) => join(path, name))
}
