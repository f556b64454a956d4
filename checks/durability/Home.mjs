// A folder of media with a config and a state folder beside it, and the real command that works there.
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const own = fileURLToPath(new URL("../../packages/cli/bin/spool.js", import.meta.url))
/** What takes longer than this, in milliseconds, hangs: much more than anything here takes on a busy machine. */
const PATIENCE = 300_000

/** A library that needs no key: everything in it is measured on this machine. Every file is tried, whatever its name ends in. */
export const keyless = `pipelines:
  sounds:
    source: { folder: ./inbox, include: ["**"] }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      acoustic: {}
      describe: {}
      waveform: {}
      persist: {}
`

/** A sound library with a captioner that is paid by the window; `more` is said of its provider. */
export const paid = (url, more = "rpm: none") => `providers:
  emulator: { dialect: dashscope, baseUrl: "${url}", apiKey: { env: DASHSCOPE_API_KEY }, tpm: none, onAmbiguous: retry, ${more} }
pipelines:
  sounds:
    source: { folder: ./inbox, settle: 200ms, scanEvery: 5s }
    stages:
      probe: {}
      copy: { use: transcode, with: { format: mp3, sampleRate: 16000, channels: 1 } }
      waveform: {}
      caption: { with: { provider: emulator, window: 2 } }
      words: { use: text-tags, from: { caption: caption }, with: { provider: emulator, vocabulary: instruments } }
      persist: {}
`

/** What the account of `limited` allows. */
export const PER_MINUTE = 300

/** The same with an account that allows so many requests a minute, and with little patience. */
export const limited = (url) => paid(url, `rpm: ${PER_MINUTE}, timeouts: { firstByte: 20, idle: 3 }`)

/** Processes that work in a folder, with their command lines: whatever the command starts inherits where it works. */
const alive = (folder) =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const place = readlinkSync(`/proc/${pid}/cwd`)
        return place === folder ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`] : []
      } catch {
        // It has ended, or is somebody else's.
        return []
      }
    })

export const temporary = (label) => mkdtempSync(join(tmpdir(), `mediaspool-${label}-`))

/**
 * @param config the text of spool.yaml, whose source folder is ./inbox
 * @param source another folder in the place of ./inbox
 * @param bin another build's command
 */
export const make = (folder, { bin = own, config, env = {}, source }) => {
  mkdirSync(folder, { recursive: true })
  const inbox = source ?? join(folder, "inbox")
  mkdirSync(inbox, { recursive: true })
  writeFileSync(join(folder, "spool.yaml"), config.replace("./inbox", inbox))

  /** Starts the command, in a session of its own. `wrap` is a program that starts it. */
  const start = (args, more = {}, { patience = PATIENCE, wrap = [] } = {}) => {
    const [program, ...rest] = [...wrap, process.execPath, bin, ...args]
    const child = spawn(program, rest, {
      cwd: folder,
      detached: true,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DASHSCOPE_API_KEY: "sk-emulator", ...env, ...more },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text))
    let hung = false
    const limit = setTimeout(() => {
      hung = true
      child.kill("SIGKILL")
    }, patience)
    const began = performance.now()
    const ended = new Promise((resolve, reject) => {
      child.once("error", reject)
      // Not "close": a child of its own that outlives it may hold the pipes.
      child.once("exit", (code, signal) => {
        clearTimeout(limit)
        setImmediate(() => resolve({ code, signal, hung, stdout, stderr, millis: performance.now() - began }))
      })
    })
    return { child, ended, said: () => ({ stdout, stderr }) }
  }
  return {
    folder,
    inbox,
    state: join(folder, ".spool"),
    start,
    spool: (...args) => start(args).ended,
    config,
    survivors: () => alive(realpathSync(folder)),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** The values of `--json`. */
export const values = ({ stdout }) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      try {
        return [JSON.parse(line)]
      } catch {
        return []
      }
    })

export const summary = (ended) => values(ended).findLast(({ type }) => type === "summary")
