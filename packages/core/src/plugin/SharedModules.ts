import { register } from "node:module"

/** Modules that a plugin imports by name and gets as the running copy of them: two copies of a kind's class don't fit together. */
export type SharedModules = () => Promise<Readonly<Record<string, unknown>>>

type Members = Readonly<Record<string, unknown>>

/** Where plugins' imports find the running copies: they meet on the global object, for hooks run in a thread of their own. */
export const place = "@mediaspool/core/SharedModules"

/**
 * In the hooks' thread: names that are shared resolve to a module that gives what is there already. A module of a person's own, in no
 * installed package, is refused: Node would keep it for good, and jiti, which asks for it, then evaluates it itself and sees its edits.
 */
export const hooks = `
const scheme = "mediaspool-shared:"
let exportsOf = {}
let own = ""
export const initialize = (data) => { ({ exportsOf, own } = data) }
const isLoader = (url = "") => url.includes("/node_modules/jiti/") || url.startsWith(own)
const isEdited = (url) => /^file:.*[.]m?js$/.test(url) && !url.includes("/node_modules/") && !url.startsWith(own)
export const resolve = async (name, context, next) => {
  if (Object.hasOwn(exportsOf, name)) return { url: scheme + name, shortCircuit: true }
  const found = await next(name, context)
  if (isLoader(context.parentURL) && isEdited(found.url)) throw new Error("evaluated by jiti: " + name)
  return found
}
export const load = (url, context, next) => {
  if (!url.startsWith(scheme)) return next(url, context)
  const name = url.slice(scheme.length)
  const names = exportsOf[name].filter((each) => each !== "default")
  const source = "const shared = globalThis[Symbol.for(" + ${JSON.stringify(JSON.stringify(place))} + ")][" + JSON.stringify(name) + "]\\n" +
    names.map((each, i) => "const n" + i + " = shared[" + JSON.stringify(each) + "]").join("\\n") + "\\n" +
    "export {" + names.map((each, i) => "n" + i + " as " + each).join(", ") + "}\\nexport default shared.default\\n"
  return { format: "module", source, shortCircuit: true }
}
`

const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null

/** With `effect` its parts too: `effect/Schema`. */
const withParts = (modules: Members): Members =>
  Object.fromEntries(
    Object.entries(modules).flatMap(([name, module]) => [
      [name, module],
      ...(name.startsWith("@mediaspool/") || !isMembers(module)
        ? []
        : Object.entries(module)
            .filter(([part, value]) => /^[A-Z]/.test(part) && isMembers(value))
            .map(([part, value]): [string, unknown] => [`${name}/${part}`, value]))
    ])
  )

/** The program itself, whose packages lie beside each other in a checkout. */
const OWN = new URL("../../../", import.meta.url).href

let registered: Members | undefined

/** Hands the running copies to everything that is imported from now on; once for the process. Gives them by name. */
export const share = async (shared: SharedModules): Promise<Members> => {
  if (registered !== undefined) return registered
  const modules = withParts(await shared())
  registered = modules
  Object.defineProperty(globalThis, Symbol.for(place), { value: modules, configurable: true })
  const exportsOf = Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [name, isMembers(module) ? Object.keys(module) : []])
  )
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { exportsOf, own: OWN } })
  return modules
}
