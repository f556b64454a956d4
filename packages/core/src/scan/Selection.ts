import picomatch from "picomatch"
import { isIgnored } from "./IgnoredName.js"

/** Which files of a folder are taken: picomatch globs on the path below the folder. Case doesn't count. */
export interface Globs {
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
}

/** Compiled {@link Globs}. Paths are relative RawPaths; the parents of a path are not looked at. */
export interface Selection {
  readonly takes: (path: string) => boolean
  /** Whether nothing below the folder can be taken. */
  readonly prunes: (path: string) => boolean
  /** Whether the folder has a name that `include` asks for, as `x.wav` is by `*.wav`, but not by `*`. */
  readonly mistakes: (path: string) => boolean
}

// `s`: a name may hold a newline. A name that `include` doesn't name is matched by nothing but a catch-all.
const options = { flags: "is", dot: true }
const nobody = "\u0001"

const anyOf = (globs: ReadonlyArray<string>): ((path: string) => boolean) => {
  const patterns = globs.map((glob) => picomatch.makeRe(glob.normalize(), options))
  return (path) => patterns.some((pattern) => pattern.test(path))
}

const beyondAscii = /[^\x00-\x7f]/
/** The same name in one form, however the disk spells its accents. */
const spelled = (path: string): string => (beyondAscii.test(path) ? path.normalize() : path)

const whatever: Selection = { takes: () => true, prunes: () => false, mistakes: () => false }

/** @param globs absent: everything is taken */
export const compile = (globs: Globs | undefined): Selection => {
  if (globs === undefined) return whatever
  const { exclude, include } = globs
  const included = anyOf(include)
  const excluded = exclude.length === 0 ? () => false : anyOf(exclude)
  return {
    takes: (path) => {
      const name = spelled(path)
      return included(name) && !excluded(name)
    },
    prunes: (path) => excluded(spelled(path)),
    mistakes: (path) => {
      const name = spelled(path)
      return included(name) && !included(`${name.slice(0, name.lastIndexOf("/") + 1)}${nobody}`)
    }
  }
}

/** The whole rule for a path that the walk did not lead to: a hint's, a row's. */
export const selects = (selection: Selection, path: string): boolean => {
  if (selection === whatever) return true
  const segments = path.split("/")
  if (segments.some(isIgnored)) return false
  for (let depth = 1; depth < segments.length; depth++) if (selection.prunes(segments.slice(0, depth).join("/"))) return false
  return selection.takes(path)
}
