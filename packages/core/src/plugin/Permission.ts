import { Command, CommandExecutor, FetchHttpClient, FileSystem, HttpClient } from "@effect/platform"
import { Context, Effect, Layer, Sink } from "effect"
import { tmpdir } from "node:os"
import { basename, resolve, sep } from "node:path"
import { ConfigFolder } from "../stage/ConfigFolder.js"
import * as Failure from "../stage/Failure.js"
import { Library } from "../stage/Library.js"
import type { AnyPlugin, Permissions } from "../stage/Plugin.js"
import { Secrets } from "../stage/Secret.js"
import * as Sql from "../stage/Sql.js"
import * as Stage from "../stage/Stage.js"
import { StateFolder } from "../stage/StateFolder.js"

const declare = (what: string) =>
  ({
    retry: "config",
    billed: "no",
    help: `Look at what the plugin wants to do; its author declares ${what} in Plugin.make.`
  }) as const

/** A plugin did what it had not declared. It is a defect of the plugin, so a stage has no part in handling it. */
export class PermissionError extends Failure.Class<PermissionError>()("PermissionError", {
  HostNotDeclared: declare("`permissions.hosts`"),
  ProgramNotDeclared: declare("`permissions.programs`"),
  SecretNotDeclared: declare("`permissions.secrets`"),
  WriteNotDeclared: declare("`permissions.writes`"),
  TableNotOwned: {
    retry: "config",
    help: "Tell the plugin's author: a plugin writes to the tables that its own migrations make, and to those of plugins that it names in `needs`."
  }
}) {}

/** One thing that a plugin may touch, for a person. */
export interface Grant {
  readonly touches: "host" | "program" | "secret" | "path"
  /** `*`: any that the config names. */
  readonly name: string
}

/** What a plugin declares, one by one. */
export const list = (permissions: Permissions): ReadonlyArray<Grant> => [
  ...(permissions.hosts ?? []).map((name) => ({ touches: "host" as const, name })),
  ...(permissions.programs ?? []).map((name) => ({ touches: "program" as const, name })),
  ...(permissions.secrets ?? []).map((name) => ({ touches: "secret" as const, name })),
  ...(permissions.writes ?? []).map((name) => ({ touches: "path" as const, name }))
]

const verbs = { host: "talks to", program: "starts", secret: "reads the secret", path: "writes to" } as const

/** `talks to api.example.com` */
export const sentence = ({ name, touches }: Grant): string =>
  name === "*" ? `${verbs[touches].replace(" the secret", "")} any ${touches} that the config names` : `${verbs[touches]} ${name}`

type Refusal = Effect.Effect<void>
const fine: Refusal = Effect.void
const refuse = (plugin: string, code: PermissionError["code"], what: string): Refusal =>
  Effect.die(new PermissionError({ code, detail: `the plugin '${plugin}' did not declare that it ${what}` }))

/** `api.example.com` is itself, `*.example.com` every host below it. */
const covers = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)))

/** `fetch` would follow a redirect to any host; `HttpClient.followRedirects` asks here again for each. */
const withoutRedirects = <A, E, R>(response: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.mapInputContext(response, (context: Context.Context<R>) => {
    const init = Context.getOption(context, FetchHttpClient.RequestInit)
    return Context.add(context, FetchHttpClient.RequestInit, {
      ...(init._tag === "Some" ? init.value : {}),
      redirect: "manual"
    })
  })

const confinedHttp = (plugin: string, hosts: ReadonlyArray<string>) => (client: HttpClient.HttpClient) =>
  HttpClient.transform(client, (response, request) => {
    // The client itself refuses a URL that is none.
    const host = URL.canParse(request.url) ? new URL(request.url).hostname : undefined
    if (hosts.includes("*")) return response
    return host === undefined || hosts.some((pattern) => covers(pattern, host))
      ? withoutRedirects(response)
      : Effect.zipRight(refuse(plugin, "HostNotDeclared", `talks to ${host}`), response)
  })

const programOf = (command: string): string => basename(command).replace(/\.(exe|cmd|bat)$/i, "")

const confinedPrograms =
  (plugin: string, programs: ReadonlyArray<string>) =>
  (executor: CommandExecutor.CommandExecutor): CommandExecutor.CommandExecutor =>
    CommandExecutor.makeExecutor((command) => {
      const started = Command.flatten(command).flatMap(({ command, shell }) =>
        shell === false ? [command] : [typeof shell === "string" ? shell : "sh"]
      )
      const undeclared = started.find((name) => !programs.includes("*") && !programs.includes(programOf(name)))
      return undeclared === undefined
        ? executor.start(command)
        : Effect.zipRight(refuse(plugin, "ProgramNotDeclared", `starts ${undeclared}`), executor.start(command))
    })

const confinedSecrets =
  (plugin: string, secrets: ReadonlyArray<string>) =>
  (service: Secrets["Type"]): Secrets["Type"] => ({
    resolve: (ref) => {
      const name = "env" in ref ? ref.env : ref.file
      return secrets.includes("*") || secrets.includes(name)
        ? service.resolve(ref)
        : Effect.zipRight(refuse(plugin, "SecretNotDeclared", `reads the secret ${name}`), service.resolve(ref))
    }
  })

/** The tables that a plugin's migrations make, and those of the plugins that it needs. */
const tablesOf = ({ migrations, needs }: Subject): ReadonlyArray<string> => [
  ...Sql.tablesMade(migrations.map(({ sql }) => sql).join(";\n")),
  ...needs.flatMap(tablesOf)
]

const confinedLibrary = (plugin: string, tables: () => ReadonlySet<string>) => {
  // `item_state` is core's, which says itself what may be done to it.
  /** By text, as a sink writes the same few again and again. */
  const foreign = new Map<string, string | undefined>()
  const foreignIn = (sql: string): string | undefined => {
    if (!foreign.has(sql))
      foreign.set(
        sql,
        Sql.statements(sql).find(({ table }) => table !== undefined && table !== "item_state" && !tables().has(table))?.table
      )
    return foreign.get(sql)
  }
  return (library: Library["Type"]): Library["Type"] => ({
    ...library,
    write: (statements) => {
      const table = statements.map(({ sql }) => foreignIn(sql)).find((found) => found !== undefined)
      if (table === undefined) return library.write(statements)
      const detail = `the plugin '${plugin}' writes to the table ${table}, which is not its own`
      return Effect.die(new PermissionError({ code: "TableNotOwned", detail }))
    }
  })
}

const within = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep)

const confinedFiles =
  (plugin: string, folders: ReadonlyArray<string>) =>
  (files: FileSystem.FileSystem): FileSystem.FileSystem => {
    const at = (path: string): Refusal =>
      folders.some((folder) => folder === "*" || within(folder, resolve(path)))
        ? fine
        : refuse(plugin, "WriteNotDeclared", `writes to ${resolve(path)}`)
    /** Temporary files go where the system says, unless a folder is named. */
    const into = (options: { readonly directory?: string } | undefined): Refusal =>
      options?.directory === undefined ? fine : at(options.directory)
    return {
      ...files,
      copy: (from, to, options) => Effect.zipRight(at(to), files.copy(from, to, options)),
      copyFile: (from, to) => Effect.zipRight(at(to), files.copyFile(from, to)),
      chmod: (path, mode) => Effect.zipRight(at(path), files.chmod(path, mode)),
      chown: (path, uid, gid) => Effect.zipRight(at(path), files.chown(path, uid, gid)),
      link: (from, to) => Effect.zipRight(at(to), files.link(from, to)),
      makeDirectory: (path, options) => Effect.zipRight(at(path), files.makeDirectory(path, options)),
      makeTempDirectory: (options) => Effect.zipRight(into(options), files.makeTempDirectory(options)),
      makeTempDirectoryScoped: (options) => Effect.zipRight(into(options), files.makeTempDirectoryScoped(options)),
      makeTempFile: (options) => Effect.zipRight(into(options), files.makeTempFile(options)),
      makeTempFileScoped: (options) => Effect.zipRight(into(options), files.makeTempFileScoped(options)),
      open: (path, options) => Effect.zipRight((options?.flag ?? "r") === "r" ? fine : at(path), files.open(path, options)),
      remove: (path, options) => Effect.zipRight(at(path), files.remove(path, options)),
      rename: (from, to) => Effect.zipRight(Effect.zipRight(at(from), at(to)), files.rename(from, to)),
      sink: (path, options) => Sink.unwrap(Effect.as(at(path), files.sink(path, options))),
      symlink: (from, to) => Effect.zipRight(at(to), files.symlink(from, to)),
      truncate: (path, length) => Effect.zipRight(at(path), files.truncate(path, length)),
      utimes: (path, accessed, modified) => Effect.zipRight(at(path), files.utimes(path, accessed, modified)),
      writeFile: (path, data, options) => Effect.zipRight(at(path), files.writeFile(path, data, options)),
      writeFileString: (path, data, options) => Effect.zipRight(at(path), files.writeFileString(path, data, options))
    }
  }

/** Where a plugin may write: what it declared, the state folder (its artifacts are there), the system's temporary folder. */
const folders = (context: Context.Context<never>, writes: ReadonlyArray<string>): ReadonlyArray<string> => {
  const state = Context.getOption(context, StateFolder)
  const project = Context.get(context, ConfigFolder)
  return [
    ...writes.map((path) => (path === "*" ? path : resolve(project, path))),
    tmpdir(),
    ...(state._tag === "Some" ? [state.value.path] : [])
  ]
}

/** The services that a plugin gets instead of core's, each refusing what it did not declare. One that isn't there stays away. */
const confined = (
  plugin: Subject,
  tables: () => ReadonlySet<string>,
  context: Context.Context<never>
): Context.Context<never> => {
  const { hosts = [], programs = [], secrets = [], writes = [] } = plugin.permissions
  const replaced =
    <I, S>(tag: Context.Tag<I, S>, confine: (service: S) => S) =>
    (services: Context.Context<never>): Context.Context<never> => {
      const found = Context.getOption(context, tag)
      return found._tag === "None" ? services : Context.add(services, tag, confine(found.value))
    }
  return Context.make(Secrets, confinedSecrets(plugin.name, secrets)(Context.get(context, Secrets))).pipe(
    replaced(HttpClient.HttpClient, confinedHttp(plugin.name, hosts)),
    replaced(CommandExecutor.CommandExecutor, confinedPrograms(plugin.name, programs)),
    replaced(Library, confinedLibrary(plugin.name, tables)),
    replaced(FileSystem.FileSystem, confinedFiles(plugin.name, folders(context, writes)))
  )
}

type Subject = Pick<AnyPlugin, "migrations" | "name" | "needs" | "permissions">

/** `narrow(plugin)(context)`: the same services, confined. Stages run often and their services rarely change, so answers are kept. */
const narrow = (plugin: Subject) => {
  let last: { readonly from: ReadonlyArray<unknown>; readonly services: Context.Context<never> } | undefined
  const whole = new WeakMap<object, Map<string, unknown>>()
  let made: ReadonlySet<string> | undefined
  // Most plugins write to none.
  const tables = () => (made ??= new Set(tablesOf(plugin)))
  const merge = <R>(context: Context.Context<R>): Context.Context<R> => {
    const from = confinable.map((tag) => context.unsafeMap.get(tag.key))
    if (last === undefined || from.some((service, n) => service !== last?.from[n]))
      last = { from, services: confined(plugin, tables, context) }
    return Context.merge(context, last.services)
  }
  return <R>(context: Context.Context<R>): Context.Context<R> => {
    const known = whole.get(context)
    if (known !== undefined) return Context.unsafeMake(known)
    const merged = merge(context)
    whole.set(context, merged.unsafeMap)
    return merged
  }
}
const confinable = [
  Library,
  Secrets,
  HttpClient.HttpClient,
  CommandExecutor.CommandExecutor,
  FileSystem.FileSystem,
  StateFolder,
  ConfigFolder
]

const known = new WeakMap<AnyPlugin, AnyPlugin>()

/**
 * The plugin with its stages and its layer given only what it declared: `HttpClient` refuses other hosts, `CommandExecutor` other
 * programs, `Secrets` other names, `FileSystem` writes elsewhere. A refusal is a defect with a {@link PermissionError} in it.
 * It keeps honest plugins honest; code that imports `node:fs` or calls `fetch` goes around it.
 */
export const confine = (plugin: AnyPlugin): AnyPlugin => {
  const done = known.get(plugin)
  if (done !== undefined) return done
  const narrowed = narrow(plugin)
  const made: AnyPlugin = {
    ...plugin,
    stages: plugin.stages.map((stage) => Stage.around(stage, Effect.mapInputContext(narrowed))),
    needs: plugin.needs.map(confine),
    layer: Layer.provide(plugin.layer, Layer.effectContext(Effect.map(Effect.context<never>(), narrowed)))
  }
  known.set(plugin, made)
  known.set(made, made)
  return made
}
