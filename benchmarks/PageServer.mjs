// `spool serve` for the page's benchmark, and windows that listen to it.
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { spool } from "./PageLibrary.mjs"

/** Starts the server of a folder; with the milliseconds until its first line. */
export const serve = (folder) =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(process.execPath, [spool, "serve", "--port", "0", "--json"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"]
    })
    let said = ""
    child.stdout.on("data", (part) => {
      said += part
      if (said.includes("\n")) resolve({ child, link: JSON.parse(said.split("\n")[0]).url, millis: performance.now() - began })
    })
    child.on("exit", (code) => reject(new Error(`spool serve ended with ${code}`)))
  })

export const stop = (child) =>
  new Promise((resolve) => {
    child.once("exit", resolve)
    child.kill("SIGTERM")
  })

/** Signs a window in; `ask` reads from the API as it does. */
export const signIn = async (link) => {
  const { origin, searchParams } = new URL(link)
  const answer = await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ code: searchParams.get("code") })
  })
  const cookie = answer.headers.get("set-cookie").split(";")[0]
  const ask = async (path) => {
    const answer = await fetch(origin + path, { headers: { cookie } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  return { origin, cookie, ask }
}

/** Windows that listen to what happens, and read it; gives what closes them. */
export const listeners = ({ cookie, origin }, count) => {
  const abort = new AbortController()
  for (let i = 0; i < count; i++)
    fetch(`${origin}/api/events`, { headers: { cookie }, signal: abort.signal })
      .then(async ({ body }) => {
        for await (const _ of body);
      })
      .catch(() => undefined)
  return () => abort.abort()
}

/** The most memory that a process has had, MB. */
export const memory = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024
