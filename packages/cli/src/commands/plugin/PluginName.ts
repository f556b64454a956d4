import { Either } from "effect"

/** A plugin's name in every form that the template needs. */
export interface PluginName {
  /** For npm and for `plugins:` in the config: `@me/loudest-part`. */
  readonly package: string
  /** Of the stage, and of the folder: `loudest-part`. */
  readonly stage: string
  /** Of the value: `loudestPart`. */
  readonly value: string
  /** Of the kind and its file: `LoudestPart`. */
  readonly kind: string
}

const grammar = /^(?:@[a-z0-9][a-z0-9-]*\/)?[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const prefix = /^(?:mediaspool-plugin-|mediaspool-)/

/** Words that TypeScript keeps for itself, or that the template uses. */
const taken = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for function if import in " +
    "instanceof new null return super switch this throw true try typeof var void while with let static yield await async of " +
    "effect schema stage plugin field failure kind media source-file config array math number"
  ).split(" ")
)

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Reads the name that a person gave, or says what is wrong with it. */
export const parse = (text: string): Either.Either<PluginName, string> => {
  if (!grammar.test(text) || text.length > 100)
    return Either.left(
      `'${text}' is not a valid plugin name: use lowercase letters, digits and dashes, like 'loudest-part' or '@me/loudest-part'`
    )
  const stage = text.replace(/^@[^/]*\//, "").replace(prefix, "")
  if (!/^[a-z]/.test(stage) || taken.has(stage)) return Either.left(`'${stage}' is a reserved word: choose another name`)
  const kind = stage.split("-").map(capital).join("")
  return Either.right({ package: text, stage, kind, value: kind.charAt(0).toLowerCase() + kind.slice(1) })
}
