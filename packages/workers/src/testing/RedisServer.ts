import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"

/** A server of one's own on a loopback port, for tests and measurements. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: () => number | undefined
  /** Ends it without warning, as a crash does; what was in it is lost. */
  readonly kill: () => Promise<void>
  /** On the same port, empty. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface Options {
  readonly password?: string
  /** PEM files: the server speaks TLS only. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

const NAMES = ["redis-server", "valkey-server"]
/** A server that isn't up by then doesn't come, in milliseconds. */
const PATIENCE = 20_000

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where Redis or Valkey is installed. */
export const program = (): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isProgram)

/** What a test says that is skipped. */
export const MISSING = "Redis is not installed: these tests are skipped (Debian: apt-get install redis-server)"

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once("connect", () => end(true)).once("error", () => end(false))
  })

const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once("exit", () => resolve())
  )

/** Starts one; `undefined` where none is installed. */
export const start = async ({ password, tls }: Options = {}): Promise<RedisServer | undefined> => {
  const path = program()
  if (path === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-redis-"))
  const port = await freePort()
  const config = join(folder, "redis.conf")
  writeFileSync(
    config,
    [
      "bind 127.0.0.1",
      ...(tls === undefined
        ? [`port ${port}`]
        : ["port 0", `tls-port ${port}`, `tls-cert-file ${tls.cert}`, `tls-key-file ${tls.key}`, "tls-auth-clients no"]),
      `dir ${folder}`,
      'save ""',
      "appendonly no",
      "daemonize no",
      ...(password === undefined ? [] : [`requirepass ${password}`])
    ].join("\n"),
    { mode: 0o600 }
  )
  let child: ChildProcess | undefined
  const up = async () => {
    const started = spawn(path, [config], { stdio: "ignore" })
    child = started
    const limit = Date.now() + PATIENCE
    while (!(await accepts(port))) {
      if (started.exitCode !== null || Date.now() > limit) throw new Error(`${path} did not start on port ${port}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  const kill = async () => {
    const running = child
    child = undefined
    if (running === undefined) return
    running.kill("SIGKILL")
    await exited(running)
  }
  await up()
  return {
    url: `${tls === undefined ? "redis" : "rediss"}://127.0.0.1:${port}`,
    port,
    pid: () => child?.pid,
    kill,
    restart: async () => {
      await kill()
      await up()
    },
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
