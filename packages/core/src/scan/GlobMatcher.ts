import picomatch from "picomatch"
import { createContext, Script } from "node:vm"

/** Whether a name fits a glob; `undefined`: that takes too long to say. */
export type GlobMatcher = (name: string) => boolean | undefined

/** Milliseconds for one name. */
const PATIENCE = 100

/** Wildcards and alternatives of one segment with which the longest name still takes no time worth mentioning. */
const FEW = 3

/** A group of fixed words that stands once, such as `(wav|mp3)`. */
const fixed = /(?<![*+])\([^()*+?{}[\]\\]*\)(?![*+?{])/g

/**
 * Whether names can be made for which the glob's expression tries one way after the other: groups that are repeated, or have repetitions
 * in them, for they go into the expression as they are; many wildcards or alternatives.
 */
const isRisky = (glob: string): boolean =>
  glob.replace(fixed, "").includes("(") || glob.split("/").some((segment) => (segment.match(/\*+|\{/g) ?? []).length > FEW)

const test = new Script("expression.test(name)")

/** Asks where the engine can be told to give up. */
const guarded = (expression: RegExp): GlobMatcher => {
  const sandbox = createContext({ expression, name: "" })
  return (name) => {
    sandbox["name"] = name
    try {
      return test.runInContext(sandbox, { timeout: PATIENCE }) === true
    } catch {
      return undefined
    }
  }
}

/** A picomatch glob, compiled. Case doesn't count, and a name may hold a newline. */
export const compile = (glob: string): GlobMatcher => {
  const expression = picomatch.makeRe(glob.normalize(), { flags: "is", dot: true })
  return isRisky(glob) ? guarded(expression) : (name) => expression.test(name)
}
