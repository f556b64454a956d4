import { RedisServer } from "@mediaspool/workers/testing"
import { SampleMedia } from "@mediaspool/plugins/testing"
import { type ChildProcess, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { connect } from "node:net"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { folder, start, type Said, values } from "./Spool.js"

/** Whether the tests that need a queue can run; said aloud when they can't. */
export const hasRedis = ((): boolean => {
  const found = RedisServer.program() !== undefined
  if (!found) console.warn(RedisServer.MISSING)
  return found
})()

/** Whether a certificate can be made; said aloud when it can't. */
export const hasOpenssl = ((): boolean => {
  const found = spawnSync("openssl", ["version"]).status === 0
  if (!found) console.warn("openssl is not installed: the test of TLS is skipped (Debian: apt-get install openssl)")
  return found
})()

/** A key and a certificate for this machine that nobody but itself has signed: paths of PEM files. */
export const certificate = (): { readonly key: string; readonly cert: string } => {
  const place = folder()
  const [key, cert] = [join(place, "key.pem"), join(place, "cert.pem")]
  const asked = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
  const made = spawnSync("openssl", [...asked, "-keyout", key, "-out", cert, ...names], { encoding: "utf8" })
  if (made.status !== 0) throw new Error(made.stderr)
  return { key, cert }
}

/** A server that ends with the test. */
export const redis = async (options: RedisServer.Options = {}): Promise<RedisServer.RedisServer> => {
  const server = await RedisServer.start(options)
  if (server === undefined) throw new Error(RedisServer.MISSING)
  onTestFinished(server.stop)
  return server
}

/** Tells a server one command; gives its answer as it was sent. */
export const command = ({ port }: RedisServer.RedisServer, ...words: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1").setEncoding("utf8")
    socket.once("error", reject).once("data", (answer) => {
      socket.destroy()
      resolve(String(answer))
    })
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`)
  })

export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 25))
}

/** A worker that runs until the test ends. */
export interface Machine {
  readonly child: ChildProcess
  readonly said: Promise<Said>
  /** Its lines so far. */
  readonly lines: () => ReadonlyArray<Record<string, unknown>>
}

/** Starts a worker and waits until it takes jobs, or has ended. */
export const machine = async (cwd: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<Machine> => {
  const work = folder()
  const { child, said } = start(cwd, ["worker", "--json", "--work", work, ...args], env)
  let stdout = ""
  child.stdout?.on("data", (text: string) => (stdout += text))
  const lines = () => values({ code: null, stdout: stdout.slice(0, stdout.lastIndexOf("\n") + 1), stderr: "" })
  let ended = false
  void said.then(() => (ended = true))
  onTestFinished(async () => {
    child.kill("SIGCONT")
    child.kill("SIGKILL")
    await said
  })
  await until(() => ended || lines().some(({ type }) => type === "ready"))
  return { child, said, lines }
}

/** Stages that wait, and stages that end their process where the name of a file says so. */
export const napPlugin = `
import { Failure, Field, Plugin, SourceFile, Stage } from "@mediaspool/core"
import { Effect, Schema } from "effect"
import { appendFileSync } from "node:fs"

class Napped extends Schema.TaggedClass<Napped>("Napped")("Napped", { hash: Schema.String }) {}
class NapError extends Failure.Class<NapError>()("NapError", { Restless: { retry: "never", help: "Sleep on it." } }) {}

const nap = Stage.make({
  name: "nap", version: Number(process.env.NAP_VERSION ?? 1), summary: "Waits", input: { file: SourceFile }, output: Napped,
  config: Schema.Struct({
    millis: Field.required(Schema.Number, "How long"),
    bomb: Field.maybe(Schema.Number, "Bytes of the file that ends its process"),
    restless: Field.maybe(Schema.Number, "Bytes of the file that fails")
  }), error: NapError,
  run: ({ file: { file } }, { bomb, millis, restless }) =>
    Effect.gen(function* () {
      if (process.env.NAPS !== undefined) appendFileSync(process.env.NAPS, process.pid + " " + file.hash + "\\n")
      if (file.size === bomb) process.kill(process.pid, "SIGKILL")
      yield* Effect.sleep(millis)
      if (file.size === restless) return yield* new NapError({ code: "Restless", detail: "no rest for " + file.size })
      return new Napped({ hash: file.hash })
    })
})
export default Plugin.make({ name: "nap", stages: [nap] })
`

/** So many short sounds, each of another size. */
export const sounds = (count: number): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, seed) => [
      `inbox/${String(seed).padStart(3, "0")}.wav`,
      SampleMedia.wav("noise", { seconds: 0.05 + seed / 1_000, seed })
    ])
  )

export interface Row {
  readonly [column: string]: unknown
}

const Sqlite = createRequire(import.meta.url)("better-sqlite3") as typeof import("better-sqlite3")

/** Rows of a state folder's database. */
export const rows = (home: string, sql: string): ReadonlyArray<Row> => {
  const database = new Sqlite(join(home, ".spool", "spool.db"), { readonly: true })
  try {
    return database.prepare<[], Row>(sql).all()
  } finally {
    database.close()
  }
}

export const lines = (path: string): ReadonlyArray<string> => readFileSync(path, "utf8").trim().split("\n")
