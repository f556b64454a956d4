import { type Project, type SecretRef, secretsFrom } from "@mediaspool/core"
import { MediaEngine } from "@mediaspool/plugins"
import { Effect, Either } from "effect"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { nodeSecrets, type PlacedNode } from "./NodeDiagnostics.js"

/** Something that the pipelines need of the machine. */
export interface Need {
  readonly type: "engine" | "program" | "secret"
  readonly name: string
  readonly found: boolean
  /** Where it was found, or what to do. */
  readonly detail: string
  /** `sounds.caption` */
  readonly neededBy: ReadonlyArray<string>
}

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) =>
      process.platform === "win32" ? [join(folder, `${name}.exe`), join(folder, name)] : [join(folder, name)]
    )
    .find(runs)

const placeOf = ({ node, pipeline }: PlacedNode): string => `${pipeline}.${node.name}`

const found = Effect.flatMap(
  Effect.promise(() => import("../../layers.js")),
  ({ mediaEngine }) => Effect.provide(MediaEngine, mediaEngine)
)

/** The media engine brings its own second way: without ffmpeg, node-av reads media. */
const engine = (nodes: ReadonlyArray<PlacedNode>): Effect.Effect<ReadonlyArray<Need>> => {
  const users = nodes.filter(({ registered }) => registered?.plugin.plugin.name === "media")
  return users.length === 0
    ? Effect.succeed([])
    : Effect.map(found, ({ engine: { name, version } }) => [
        {
          type: "engine" as const,
          name,
          found: name !== "none",
          detail: name === "none" ? "install ffmpeg, set FFMPEG_PATH, or install the optional package node-av" : version,
          neededBy: users.map(placeOf)
        }
      ])
}

const programs = (nodes: ReadonlyArray<PlacedNode>): ReadonlyArray<Need> => {
  const users = nodes.flatMap((placed) =>
    placed.registered?.plugin.plugin.name === "media"
      ? []
      : (placed.registered?.plugin.plugin.permissions.programs ?? []).map((name) => ({ name, by: placeOf(placed) }))
  )
  return [...new Set(users.map(({ name }) => name))]
    .filter((name) => name !== "*")
    .map((name) => {
      const path = onPath(name)
      return {
        type: "program",
        name,
        found: path !== undefined,
        detail: path ?? "not found on PATH",
        neededBy: users.filter((user) => user.name === name).map(({ by }) => by)
      }
    })
}

const nameOf = (secret: SecretRef): string => ("env" in secret ? `$${secret.env}` : secret.file)

/** Secrets by where they are; none is shown. */
const secrets = (project: Project.Project, nodes: ReadonlyArray<PlacedNode>): Effect.Effect<ReadonlyArray<Need>> =>
  Effect.gen(function* () {
    const used = yield* nodeSecrets(project, nodes)
    const names = new Map(used.map(({ secret }) => [nameOf(secret), secret]))
    return yield* Effect.forEach(names, ([name, secret]) =>
      Effect.map(Effect.either(secretsFrom(project.folder).resolve(secret)), (resolved) => ({
        type: "secret" as const,
        name,
        found: Either.isRight(resolved),
        detail: Either.isRight(resolved) ? "found" : resolved.left.message,
        neededBy: used.filter((use) => nameOf(use.secret) === name).map(({ placed }) => placeOf(placed))
      }))
    )
  })

/** What the pipelines need of this machine, found or not. Nothing is sent anywhere. */
export const needs = (project: Project.Project, nodes: ReadonlyArray<PlacedNode>): Effect.Effect<ReadonlyArray<Need>> =>
  Effect.map(Effect.all([engine(nodes), secrets(project, nodes)], { concurrency: 2 }), ([engines, secrets]) => [
    ...engines,
    ...programs(nodes),
    ...secrets
  ])
