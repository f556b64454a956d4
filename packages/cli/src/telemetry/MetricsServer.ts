import { Effect, type Scope } from "effect"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { ExitCode } from "../ExitCode.js"
import { Refused } from "../Refused.js"
import * as PrometheusText from "./PrometheusText.js"

const HOST = "127.0.0.1"

const isOurs = (host: string | undefined, port: number): boolean =>
  [`${HOST}:${port}`, `localhost:${port}`, ...(port === 80 ? [HOST, "localhost"] : [])].includes(host ?? "")

const serve = (): Server => {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const { port } = addressOf(server)
    const end = (status: number, type: string, body: string) => {
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), "cache-control": "no-store" })
      response.end(request.method === "HEAD" ? undefined : body)
    }
    // A page in a browser may be led here by a name of its own.
    if (!isOurs(request.headers.host, port)) return end(403, "text/plain", "Ask 127.0.0.1.\n")
    if (request.method !== "GET" && request.method !== "HEAD") return end(405, "text/plain", "Only GET.\n")
    if (new URL(request.url ?? "/", `http://${HOST}`).pathname !== "/metrics") return end(404, "text/plain", "See /metrics.\n")
    return end(200, PrometheusText.CONTENT_TYPE, PrometheusText.text())
  })
  return server
}

const addressOf = (server: Server): Pick<AddressInfo, "port"> => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address : { port: 0 }
}

/**
 * Serves the process's metrics on the loopback until the scope closes; gives the address.
 *
 * @param port 0 picks a free one
 */
export const listen = (port: number): Effect.Effect<string, Refused, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server, Refused>((resume) => {
      const server = serve()
      server.once("error", (cause) =>
        resume(
          new Refused({
            code: ExitCode.config,
            message: `Metrics can't be served at ${HOST}:${port}: ${cause.message}`,
            help: "Give another port with --metrics; 0 picks a free one."
          })
        )
      )
      server.listen(port, HOST, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => `http://${HOST}:${addressOf(server).port}/metrics`))
