import { execFile } from "node:child_process"
import { promises as fs } from "node:fs"
import { promisify } from "node:util"
import { TagError } from "./TagError.js"
import type { Said } from "./taglibTags.js"
import { isTaken } from "./tagValues.js"

/** Runs a program of MKVToolNix. Names of files are UTF-8 for it, whatever the terminal says. */
const mkvtoolnix = async (program: "mkvextract" | "mkvpropedit", args: ReadonlyArray<string>): Promise<string> => {
  try {
    const env = { ...process.env, LC_ALL: "C.UTF-8" }
    const { stdout } = await promisify(execFile)(program, [...args], { encoding: "utf8", env, maxBuffer: 64 << 20 })
    return stdout
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT"
    throw new TagError({
      code: "TagFormatUnsupported",
      detail: isMissing
        ? `tags of Matroska are written by ${program} (MKVToolNix), which isn't installed; others would write the whole file anew`
        : `${program} can't work on it`
    })
  }
}

/** What says no more than its absence: a language that nobody named, targets without one. */
const EMPTY = /\s*(?:<TagLanguageIETF>und<\/TagLanguageIETF>|<Targets\s*\/>|<Targets>\s*<\/Targets>)/g

/** The file's tags as mkvextract writes them in XML. */
const tagsOf = async (path: string): Promise<ReadonlyArray<string>> => {
  const xml = await mkvtoolnix("mkvextract", [path, "tags", "-"])
  return xml.replace(EMPTY, "").match(/<Tag>[\s\S]*?<\/Tag>/g) ?? []
}

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
export const readMatroskaTags = async (path: string, names: ReadonlyArray<string>): Promise<Said> => {
  const tags = await tagsOf(path)
  const ours: Record<string, string> = {}
  for (const [simple, name = ""] of tags.filter(isGlobal).flatMap((tag) => [...tag.matchAll(SIMPLE)]))
    if (isTaken(name, names)) ours[name] = unescaped(STRING.exec(simple)?.[1] ?? "")
  const others = tags.map((tag) => without(tag, (name) => isTaken(name, names))).filter((tag) => tag !== "")
  return { ours, others: others.sort() }
}

/** Writes fields of the whole file. mkvpropedit appends all tags, and leaves empty what they took before; nothing else is moved. */
export const writeMatroskaTags = async (
  path: string,
  values: ReadonlyArray<readonly [name: string, value: string]>
): Promise<void> => {
  const names = values.map(([name]) => name)
  const kept = (await tagsOf(path)).map((tag) => without(tag, (name) => names.includes(name))).filter((tag) => tag !== "")
  const fields = values.map(([name, value]) => `<Simple><Name>${name}</Name><String>${escaped(value)}</String></Simple>`)
  const xml = `${path}.xml`
  try {
    const tags = [...kept, `<Tag><Targets/>${fields.join("")}</Tag>`]
    await fs.writeFile(xml, `<?xml version="1.0" encoding="UTF-8"?>\n<Tags>${tags.join("\n")}</Tags>\n`)
    await mkvtoolnix("mkvpropedit", [path, "--tags", `all:${xml}`])
  } finally {
    await fs.rm(xml, { force: true })
  }
}
