import { HttpServerRequest, HttpServerResponse, type HttpApp } from "@effect/platform"
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { extname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as ContentSecurityPolicy from "./security/ContentSecurityPolicy.js"

/** Where the build puts the page: beside this package's own modules, also when these are read from `src`. */
const pageFolder = (): string => {
  const here = fileURLToPath(import.meta.url)
  return join(here.endsWith(".ts") ? here.replace(/[\\/]src[\\/](?!.*[\\/]src[\\/]).*$/, "/dist") : join(here, ".."), "page")
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json"
}

interface Asset {
  readonly body: Uint8Array
  readonly type: string
}

/** The page's files, read once: they are few, and a request names one of them or none. */
const assets = (folder: string): ReadonlyMap<string, Asset> =>
  new Map(
    readdirSync(join(folder, "assets")).map((name): [string, Asset] => [
      `/assets/${name}`,
      { body: readFileSync(join(folder, "assets", name)), type: types[extname(name)] ?? "application/octet-stream" }
    ])
  )

/** The page without any data: open to everybody who reaches the server. Every other path is one of its views. */
export const make = (folder = pageFolder()): Effect.Effect<HttpApp.Default> =>
  Effect.sync(() => {
    const files = assets(folder)
    const html = readFileSync(join(folder, "index.html"), "utf8")
    return Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) => {
      const path = url.split(/[?#]/, 1)[0] ?? ""
      const asset = files.get(path)
      if (asset !== undefined)
        return HttpServerResponse.uint8Array(asset.body, {
          contentType: asset.type,
          // Their names change with their contents.
          headers: { "cache-control": "public, max-age=31536000, immutable" }
        })
      if (path.startsWith("/assets/") || /\.[a-z0-9]+$/i.test(path)) return HttpServerResponse.empty({ status: 404 })
      const nonce = randomBytes(16).toString("base64")
      return HttpServerResponse.text(html.replaceAll("%NONCE%", nonce), {
        contentType: "text/html; charset=utf-8",
        headers: { "content-security-policy": ContentSecurityPolicy.page(nonce), "cache-control": "no-store" }
      })
    })
  })
