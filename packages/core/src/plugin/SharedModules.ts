import { register } from "node:module"

/** Modules that a plugin imports by name and gets as the running copy of them: two copies of a kind's class don't fit together. */
export type SharedModules = () => Promise<Readonly<Record<string, unknown>>>

type Members = Readonly<Record<string, unknown>>

/** Where plugins' imports find the running copies: they meet on the global object, for hooks run in a thread of their own. */
export const place = "@mediaspool/core/SharedModules"

/** In the hooks' thread: names that are shared resolve to a module that gives what is there already. */
export const hooks = `
const scheme = "mediaspool-shared:"
let exportsOf = {}
export const initialize = (data) => { exportsOf = data }
export const resolve = (name, context, next) =>
  Object.hasOwn(exportsOf, name) ? { url: scheme + name, shortCircuit: true } : next(name, context)
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
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: exportsOf })
  return modules
}
