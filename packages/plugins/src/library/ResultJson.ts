import { Either, Schema } from "effect"
import { isAbsolute, relative, sep } from "node:path"

type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Where an artifact is, seen from the state folder; absolute when it lies elsewhere. With `/`, on every system. */
const place = (path: string, stateFolder: string | undefined): string => {
  if (stateFolder === undefined) return path
  const inside = relative(stateFolder, path)
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/")
}

/** Files by what stays true of them: an original's path is `media.path`'s business. */
const portable = (value: unknown, stateFolder: string | undefined): Json => {
  if (Array.isArray(value)) return value.map((element: unknown) => portable(element, stateFolder))
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value
  if (!isRecord(value)) return null
  const tag = value["_tag"]
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, field]) => field !== undefined && !(tag === "Original" && key === "path"))
      .map(([key, field]) => [
        key,
        tag === "Artifact" && key === "path" && typeof field === "string"
          ? place(field, stateFolder)
          : portable(field, stateFolder)
      ])
  )
}

/** The `_tag` of a value of any kind. */
export const kindOf = (value: unknown): string => (isRecord(value) ? String(value["_tag"]) : typeof value)

/**
 * A value of any kind as JSON, by the kind's own schema: a kind is a tagged class, so a value knows it.
 *
 * @param stateFolder absolute; artifacts inside of it are named relative to it
 */
export const encode = (value: unknown, stateFolder?: string): Json => {
  const kind: unknown = isRecord(value) ? value.constructor : undefined
  const encoded: unknown = Schema.isSchema(kind)
    ? Either.getOrElse(Schema.encodeUnknownEither(Schema.make<unknown, unknown>(kind.ast))(value), () => value)
    : value
  const json = portable(encoded, stateFolder)
  if (!isRecord(json)) return json
  const { _tag, ...fields } = json
  return fields
}

/** What a value of an unknown kind says in words: its fields called `text` or `title`, at any depth. */
export const texts = (json: Json): ReadonlyArray<string> =>
  Array.isArray(json)
    ? json.flatMap(texts)
    : isRecord(json)
      ? Object.entries(json).flatMap(([key, value]) =>
          typeof value === "string" ? (key === "text" || key === "title" ? [value] : []) : texts(value)
        )
      : []
