import { existsSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { folder, spool, start, values } from "./Spool.js"

const config = `pipelines:
  sounds:
    source: { folder: ./sounds }
    stages: { probe: {}, persist: {} }
`

/** The first value that a command says. */
const first = (child: ReturnType<typeof start>["child"]): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    let said = ""
    child.stdout?.on("data", (text: string) => {
      said += text
      const line = said.split("\n").find((line) => line.includes('"serving"'))
      if (line?.endsWith("}") === true) resolve(JSON.parse(line))
    })
    child.once("close", (code) => reject(new Error(`ended with ${code}: ${said}`)))
  })

it("watches and serves in one process, prints further links, and ends both when it is told to", { timeout: 60_000 }, async () => {
  const cwd = folder({ "spool.yaml": config, "sounds/.keep": "" })
  const { child, said } = start(cwd, ["watch", "--serve", "--port", "0", "--json"])
  const { type, url } = await first(child)
  expect(type).toBe("serving")
  const page = new URL(String(url))
  expect((await fetch(page)).status).toBe(200)
  expect((await fetch(new URL("/api/overview", page))).status).toBe(401)
  const [link] = values(await spool(cwd, "serve", "--link", "--json"))
  expect(link).toMatchObject({ type: "link" })
  expect(new URL(String(link?.["url"])).origin).toBe(page.origin)
  const taken = await spool(cwd, "serve", "--port", page.port)
  expect(taken.code).not.toBe(0)
  expect(taken.stderr).toContain(`port ${page.port} is used by another program`)
  expect(taken.stderr).toContain("--port 0")
  child.kill("SIGTERM")
  expect((await said).code).toBe(143)
  expect(existsSync(join(cwd, ".spool", "serve.json"))).toBe(false)
})

it(
  "serves other machines only over TLS or behind a proxy, under one name, and with a password",
  { timeout: 60_000 },
  async () => {
    const cwd = folder({ "spool.yaml": config, word: "short" })
    const refusals = [
      [["--listen", "0.0.0.0"], /--tls-cert/],
      [["--listen", "0.0.0.0", "--behind-proxy"], /--origin/],
      [["--listen", "0.0.0.0", "--behind-proxy", "--origin", "https://media.example.org"], /twelve characters/],
      [
        ["--listen", "0.0.0.0", "--behind-proxy", "--origin", "https://media.example.org", "--password-file", "word"],
        /twelve characters/
      ],
      [["--port", "70000"], /no port/]
    ] as const
    const said = await Promise.all(refusals.map(([args]) => spool(cwd, "serve", ...args)))
    said.forEach(({ code, stderr }, i) => {
      expect([i, code]).toEqual([i, 2])
      expect(stderr).toMatch(refusals[i]?.[1] ?? /^$/)
    })
  }
)
