import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin } from "vite"
import solid from "vite-plugin-solid"

/** The API's routes by group and endpoint, read from the server's own description: the page brings neither Effect nor a copy of them. */
const routes = (): Plugin => {
  const id = "virtual:routes"
  return {
    name: "api-routes",
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: async (source) => {
      if (source !== `\0${id}`) return undefined
      const { Api } = await import(new URL("../server/dist/Api.js", import.meta.url).href)
      const { HttpApi } = await import("@effect/platform")
      const found: Record<string, readonly [string, string]> = {}
      HttpApi.reflect(Api, {
        onGroup: () => undefined,
        onEndpoint: ({ endpoint, group }) => {
          found[`${group.identifier}.${endpoint.name}`] = [endpoint.method, endpoint.path]
        }
      })
      return `export const routes = ${JSON.stringify(found)}`
    }
  }
}

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [routes(), solid()],
  define: { __VERSION__: JSON.stringify(version) },
  html: { cspNonce: "%NONCE%" },
  build: {
    outDir: fileURLToPath(new URL("../server/dist/page", import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022"
  }
})
