// Files of which everything is known, because they are made here: a tone with a pause in it, in every container and codec that ffmpeg
// makes, and with what recorders, cutters and joiners do to them.
import { spawnSync } from "node:child_process"
import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"

const call = (program, args, options = {}) => {
  const ended = spawnSync(program, args, { encoding: "buffer", maxBuffer: 2 ** 28, ...options })
  return ended.status === 0 ? ended.stdout : undefined
}
const ffmpeg = (args) => call("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args]) !== undefined

/** Every file's name begins with `tone`. */
const at = (folder, name) => join(folder, `tone.${name}`)

/** Seconds of tone, of silence, of tone. */
const TONE = 2
const PAUSE = 2
export const SECONDS = 2 * TONE + PAUSE

const tone = (rate) =>
  `aevalsrc=0.25*sin(2*PI*440*t)*(1-between(t\\,${TONE}\\,${TONE + PAUSE})):d=${SECONDS}:s=${rate},aformat=sample_fmts=s16`

const encodings = [
  ["wav", ["-c:a", "pcm_s16le"]],
  ["24.wav", ["-c:a", "pcm_s24le"]],
  ["float.wav", ["-c:a", "pcm_f32le"]],
  ["ulaw.wav", ["-c:a", "pcm_mulaw"]],
  ["adpcm.wav", ["-c:a", "adpcm_ima_wav"]],
  ["rf64.wav", ["-c:a", "pcm_s16le", "-rf64", "always"]],
  ["w64", ["-c:a", "pcm_s16le"]],
  ["aiff", ["-c:a", "pcm_s16be"]],
  ["au", ["-c:a", "pcm_s16be"]],
  ["caf", ["-c:a", "pcm_s16be"]],
  ["flac", ["-c:a", "flac"]],
  ["alac.m4a", ["-c:a", "alac"]],
  ["wv", ["-c:a", "wavpack"]],
  ["tta", ["-c:a", "tta"]],
  ["mp3", ["-c:a", "libmp3lame", "-b:a", "128k"]],
  ["vbr.mp3", ["-c:a", "libmp3lame", "-q:a", "4"]],
  ["noxing.mp3", ["-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"]],
  ["mp2", ["-c:a", "mp2"]],
  ["aac", ["-c:a", "aac"]],
  ["m4a", ["-c:a", "aac"]],
  ["fragmented.mp4", ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "1000000"]],
  ["ogg", ["-c:a", "libvorbis"]],
  ["opus", ["-c:a", "libopus"]],
  ["flac.oga", ["-c:a", "flac", "-f", "ogg"]],
  ["mka", ["-c:a", "flac"]],
  ["weba", ["-c:a", "libopus", "-f", "webm"]],
  ["ac3", ["-c:a", "ac3"]],
  ["eac3", ["-c:a", "eac3"]],
  ["wma", ["-c:a", "wmav2"]],
  ["ts", ["-c:a", "aac"]],
  ["late.mkv", ["-c:a", "aac"], "video"],
  ["late.mp4", ["-c:a", "aac"], "video"],
  ["late.mov", ["-c:a", "pcm_s16le"], "video"],
  ["late.ts", ["-c:a", "mp2"], "video"],
  ["late.flv", ["-c:a", "aac"], "video"],
  ["late.vob", ["-c:a", "mp2", "-c:v", "mpeg2video"], "video"],
  ["late.webm", ["-c:a", "libopus", "-c:v", "libvpx", "-deadline", "realtime"], "video"],
  ["gap.mka", ["-c:a", "libvorbis"], "gap"],
  ["gap.m4a", ["-c:a", "aac"], "gap"],
  ["gap.weba", ["-c:a", "libopus", "-f", "webm"], "gap"],
  ["gap.ts", ["-c:a", "aac"], "gap"]
]

/** Seconds by which the sound of the videos begins late. */
const LATE = 3

/** Makes a file and says what is true of it; `undefined` where this ffmpeg can't. */
const encode = (folder, [name, options, kind]) => {
  const path = at(folder, name)
  const source =
    kind === "video"
      ? [
          "-f",
          "lavfi",
          "-i",
          `testsrc2=s=64x48:r=25:d=${LATE + SECONDS}`,
          "-itsoffset",
          `${LATE}`,
          "-f",
          "lavfi",
          "-i",
          tone(48000)
        ]
      : ["-f", "lavfi", "-i", tone(48000)]
  const gap = kind === "gap" ? ["-af", `aselect=lt(t\\,${TONE})+gte(t\\,${TONE + PAUSE})`] : []
  const video = kind === "video" && !options.includes("-c:v") ? ["-c:v", "mpeg4"] : []
  if (!ffmpeg([...source, ...video, ...options, ...gap, path])) return undefined
  const late = kind === "video" ? LATE : 0
  return { path, seconds: late + SECONDS, silences: [[late + TONE, late + TONE + PAUSE]] }
}

const joined = (folder, name, ...parts) => {
  const path = at(folder, name)
  writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(at(folder, part)))))
  const silences = parts.map((_, n) => [n * SECONDS + TONE, n * SECONDS + TONE + PAUSE])
  return { path, seconds: parts.length * SECONDS, silences }
}

/** The same sound written into a pipe: whoever writes can't go back to complete the header. */
const piped = (folder, name, options) => {
  const path = at(folder, name)
  const bytes = call("ffmpeg", ["-v", "error", "-nostdin", "-i", at(folder, "wav"), ...options, "-"])
  if (bytes === undefined) return []
  writeFileSync(path, bytes)
  return [{ path, seconds: SECONDS, silences: [[TONE, TONE + PAUSE]] }]
}

/** Bytes that are no sound before and behind frames that have no container. */
const surrounded = (folder, name, source) => {
  const path = at(folder, name)
  let state = 1
  const noise = (bytes) =>
    Buffer.from(Array.from({ length: bytes }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24))
  writeFileSync(path, Buffer.concat([noise(3000), readFileSync(at(folder, source)), noise(40_000)]))
  return { path, seconds: SECONDS, silences: [[TONE, TONE + PAUSE]] }
}

/** Bytes of a WAV written anew at a place. */
const patched = (folder, name, source, patch) => {
  const path = at(folder, name)
  copyFileSync(at(folder, source), path)
  const file = openSync(path, "r+")
  for (const [offset, value] of patch) writeSync(file, Buffer.from(value, "hex"), 0, value.length / 2, offset)
  closeSync(file)
  return { path, seconds: SECONDS, silences: [[TONE, TONE + PAUSE]] }
}

/** Every file of the table, with what is true of it. */
export const make = (folder) => {
  const plain = encodings.flatMap((one) => encode(folder, one) ?? [])
  const has = (...names) => names.every((name) => plain.some(({ path }) => path === at(folder, name)))
  const other = encode(folder, ["other.ogg", ["-c:a", "libvorbis", "-ar", "44100", "-ac", "2"]])
  const slow = encode(folder, ["other.aac", ["-c:a", "aac", "-ar", "32000"]])
  const wide = encode(folder, [
    "12 channels.wav",
    ["-c:a", "pcm_s16le", "-af", `pan=12c|${[...Array(12).keys()].map((n) => `c${n}=c0`).join("|")}`]
  ])
  return [
    ...plain,
    ...(wide === undefined ? [] : [wide]),
    ...(has("ogg") ? [joined(folder, "chained.ogg", "ogg", "ogg")] : []),
    ...(has("opus") ? [joined(folder, "chained.opus", "opus", "opus")] : []),
    ...(has("flac.oga") ? [joined(folder, "chained.oga", "flac.oga", "flac.oga")] : []),
    ...(has("mp3") ? [joined(folder, "joined.mp3", "mp3", "mp3")] : []),
    ...(has("aac") ? [joined(folder, "joined.aac", "aac", "aac")] : []),
    ...(has("ts") ? [joined(folder, "joined.ts", "ts", "ts")] : []),
    ...(has("weba") ? [joined(folder, "joined.weba", "weba", "weba")] : []),
    ...["wav", "aiff", "au", "caf", "flac", "wv", "tta", "wma", "m4a"].flatMap((name) =>
      has(name) ? [joined(folder, `joined.${name}`, name, name)] : []
    ),
    ...["mp3", "aac", "ac3"].flatMap((name) => (has(name) ? [surrounded(folder, `noise around.${name}`, name)] : [])),
    ...(has("ogg") && other !== undefined ? [joined(folder, "changing.ogg", "ogg", "other.ogg")] : []),
    ...(has("aac") && slow !== undefined ? [joined(folder, "changing.aac", "aac", "other.aac")] : []),
    ...(has("weba") ? [joined(folder, "joined three times.weba", "weba", "weba", "weba")] : []),
    ...(has("mp3") ? [joined(folder, "joined three times.mp3", "mp3", "mp3", "mp3")] : []),
    ...piped(folder, "piped.aiff", ["-f", "aiff"]),
    ...piped(folder, "piped.aifc", ["-c:a", "pcm_s16le", "-f", "aiff"]),
    ...piped(folder, "piped.w64", ["-f", "w64"]),
    ...piped(folder, "piped.rf64.wav", ["-f", "wav", "-rf64", "always"]),
    patched(folder, "sizes 0.wav", "wav", [
      [4, "00000000"],
      [74, "00000000"]
    ]),
    patched(folder, "size -1.wav", "wav", [[4, "ffffffff"]]),
    patched(folder, "size of sox.wav", "wav", [[4, "24f0ff7f"]])
  ]
}

/** Seconds, of "Playback length: 0m:06.000s"; of every link of a chained file. */
const played = (said = "") => {
  const lengths = [...said.matchAll(/Playback length: (\d+)m:([\d.]+)s/g)]
  return lengths.length === 0 ? undefined : lengths.reduce((sum, [, minutes, seconds]) => sum + 60 * minutes + Number(seconds), 0)
}

/** What programs that share nothing with us say of a file: seconds, and dBFS of its peak and power. */
export const independent = (path) => {
  const text = (program, args) => call(program, args)?.toString("utf8").trim()
  const stats = spawnSync("sox", [path, "-n", "stats"], { encoding: "utf8" })
  const level = (name) => {
    const value = Number(new RegExp(`^${name}\\s+(\\S+)`, "m").exec(stats.stderr ?? "")?.[1])
    return Number.isFinite(value) ? value : undefined
  }
  const number = (value, by = 1) =>
    value === undefined || value === "" || !Number.isFinite(Number(value)) ? undefined : Number(value) / by
  return {
    sox: number(text("soxi", ["-D", path])),
    mediainfo: number(text("mediainfo", ["--Inform=General;%Duration%", path]), 1000),
    exiftool: number(text("exiftool", ["-s3", "-n", "-Duration", path])),
    peak: stats.status === 0 ? level("Pk lev dB") : undefined,
    rms: stats.status === 0 ? level("RMS lev dB") : undefined,
    flac: path.endsWith(".flac") ? call("flac", ["-s", "-t", path]) !== undefined : undefined,
    opusinfo: path.endsWith(".opus") ? played(text("opusinfo", [path])) : undefined
  }
}
