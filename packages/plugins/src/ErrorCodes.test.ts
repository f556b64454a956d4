import { describe, expect, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

interface Reason {
  readonly retry: string
  readonly help: string
}

/** Where a table of reasons is written, in all packages. */
const files = ["core", "plugins", "cli"].flatMap((name) => {
  const folder = fileURLToPath(new URL(`../../${name}/src/`, import.meta.url))
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(file))
    .map((file) => folder + file)
    .filter((file) => /^export class \w+ extends Failure\.Class</m.test(readFileSync(file, "utf8")))
})

const hasReasons = (value: unknown): value is { readonly _tag: string; readonly reasons: Readonly<Record<string, Reason>> } =>
  typeof value === "function" && "reasons" in value && "_tag" in value

/** Every failure class that a package declares. */
const classes = (await Promise.all(files.map(async (file): Promise<ReadonlyArray<unknown>> => Object.values(await import(file)))))
  .flat()
  .filter(hasReasons)
const reasons = classes.flatMap(({ reasons }) => Object.entries(reasons))

const twice = (names: ReadonlyArray<string>) => names.filter((name, i) => names.indexOf(name) !== i)

describe("error codes", () => {
  it("stand for one thing each, in all packages", () => {
    expect(classes.length).toBeGreaterThanOrEqual(files.length)
    expect(twice(classes.map(({ _tag }) => _tag))).toEqual([])
    expect(twice(reasons.map(([code]) => code))).toEqual([])
  })

  it.each(reasons)("%s says what to do", (code, { help, retry }) => {
    expect(code).toMatch(/^([A-Z][a-z0-9]*)+$/)
    expect(help).toMatch(/^[A-Z`].*[.!]$/s)
    expect(["now", "later", "never", "config", "skip"]).toContain(retry)
  })
})
