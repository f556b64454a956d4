import { Effect } from "effect"
import { execFile } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { notWritten, type TagError, unsupported } from "./TagError.js"
import type { Said } from "./taglibTags.js"
import { isTaken, type TagValue } from "./tagValues.js"

/** Runs a program of MKVToolNix. Names of files are UTF-8 for it, whatever the terminal says. */
const mkvtoolnix = (program: "mkvextract" | "mkvpropedit", args: ReadonlyArray<string>): Effect.Effect<string, TagError> =>
  Effect.async((resume, signal) => {
    const env = { ...process.env, LC_ALL: "C.UTF-8" }
    execFile(program, args, { encoding: "utf8", env, maxBuffer: 64 << 20, signal }, (cause, stdout) => {
      if (cause === null) return resume(Effect.succeed(stdout))
      resume(
        unsupported(
          cause.code === "ENOENT"
            ? `tags of Matroska are written by ${program} (MKVToolNix), which isn't installed; others would write the whole file anew`
            : `${program} can't work on it`
        )
      )
    })
  })

/** What says no more than its absence: a language that nobody named, targets without one. */
const EMPTY = /\s*(?:<TagLanguageIETF>und<\/TagLanguageIETF>|<Targets\s*\/>|<Targets>\s*<\/Targets>)/g

/** The file's tags as mkvextract writes them in XML. */
const tagsOf = (path: string): Effect.Effect<ReadonlyArray<string>, TagError> =>
  Effect.map(mkvtoolnix("mkvextract", [path, "tags", "-"]), (xml) => xml.replace(EMPTY, "").match(/<Tag>[\s\S]*?<\/Tag>/g) ?? [])

const SIMPLE = /\s*<Simple>\s*<Name>([^<]*)<\/Name>(?:(?!<Simple>)[\s\S])*?<\/Simple>/g
const STRING = /<String>([\s\S]*?)<\/String>/

/** Whether a tag is about the whole file. */
const isGlobal = (tag: string): boolean => !tag.includes("<Targets>")

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }
const unescaped = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? "")
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

/** A tag without the fields that are taken; empty when nothing is left of it. */
const without = (tag: string, isLeftOut: (name: string) => boolean): string => {
  if (!isGlobal(tag)) return tag
  const rest = tag.replace(SIMPLE, (all, name: string) => (isLeftOut(name) ? "" : all))
  return rest.includes("<Simple>") ? rest : ""
}

/** @param names the standard fields among them count as ours */
export const readMatroskaTags = (path: string, names: ReadonlyArray<string>): Effect.Effect<Said, TagError> =>
  Effect.map(tagsOf(path), (tags) => {
    const ours: Record<string, string> = {}
    for (const [simple, name = ""] of tags.filter(isGlobal).flatMap((tag) => [...tag.matchAll(SIMPLE)]))
      if (isTaken(name, names)) ours[name] = unescaped(STRING.exec(simple)?.[1] ?? "")
    const others = tags.map((tag) => without(tag, (name) => isTaken(name, names))).filter((tag) => tag !== "")
    return { ours, others: others.sort() }
  })

/** Writes fields of the whole file. mkvpropedit appends all tags, and leaves empty what they took before; nothing else is moved. */
export const writeMatroskaTags = (path: string, values: ReadonlyArray<TagValue>): Effect.Effect<void, TagError> =>
  Effect.gen(function* () {
    const names = values.map(([name]) => name)
    const kept = (yield* tagsOf(path)).map((tag) => without(tag, (name) => names.includes(name))).filter((tag) => tag !== "")
    const fields = values.map(([name, value]) => `<Simple><Name>${name}</Name><String>${escaped(value)}</String></Simple>`)
    const tags = [...kept, `<Tag><Targets/>${fields.join("")}</Tag>`]
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Tags>${tags.join("\n")}</Tags>\n`
    const xml = `${path}.xml`
    yield* Effect.acquireUseRelease(
      Effect.try({ try: () => writeFileSync(xml, text), catch: notWritten }),
      () => mkvtoolnix("mkvpropedit", [path, "--tags", `all:${xml}`]),
      () => Effect.sync(() => rmSync(xml, { force: true }))
    )
  })
