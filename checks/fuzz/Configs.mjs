// Configs that are made from the JSON Schema, right in most places and wrong in some: each is taken or refused with places and words.
import { Cause, Effect, Exit } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Chance from "../durability/Chance.mjs"
import { count, told } from "./Progress.mjs"
import { ConfigSchema, Project } from "../../packages/core/dist/index.js"
import { builtInRegistry, host } from "../../packages/cli/dist/host.js"

const schema = ConfigSchema.make(builtInRegistry)
/** Milliseconds for one config. */
const PATIENCE = 30_000

const odd = [
  "",
  " ",
  "__proto__",
  "constructor",
  "a".repeat(300),
  "\u0000",
  "\ud800",
  "../..",
  "*",
  "0x10",
  "1e400",
  "~",
  "übung 中文"
]
const words = ["sounds", "copy", "caption", "probe", "./inbox", "mp3", "2s", "10MB", "**/*.wav", "dashscope-intl", "node-av"]
const numbers = [0, 1, -1, 0.5, 16_000, 1e9, Number.MAX_SAFE_INTEGER, 1e308]

const right = {
  defaults: { provider: "dashscope-intl" },
  pipelines: {
    sounds: {
      source: { folder: "./inbox", include: ["**/*.wav", "**/*.mp3"], settle: "2s" },
      stages: {
        ingest: {},
        probe: {},
        copy: { use: "transcode", with: { format: "mp3", sampleRate: 16_000, channels: 1, bitrate: "24k" } },
        caption: { retry: { times: 4 }, concurrency: 8 },
        emotion: { use: "omni-tags", with: { vocabulary: "emotion" } },
        waveform: { with: { width: 640 } },
        persist: {}
      }
    }
  }
}

/** One place of so many is anything at all; 0: none. */
const WILD = [0, 0, 200, 30]

const make = (chance) => {
  const wild = chance.of(WILD)
  const anything = (depth = 0) => {
    const pick = chance.below(depth > 3 ? 4 : 6)
    if (pick === 0) return chance.of(odd)
    if (pick === 1) return chance.of(numbers)
    if (pick === 2) return chance.of([true, false, null])
    if (pick === 3) return chance.of(words)
    if (pick === 4) return Array.from({ length: chance.below(4) }, () => anything(depth + 1))
    return Object.fromEntries(Array.from({ length: chance.below(4) }, () => [chance.of([...words, ...odd]), anything(depth + 1)]))
  }
  const of = (node, depth) => {
    if (node === true || node === undefined || depth > 12 || (wild > 0 && chance.below(wild) === 0)) return anything(depth)
    if (node.$ref !== undefined) return of(schema.$defs?.[node.$ref.replace("#/$defs/", "")], depth + 1)
    const some = node.anyOf ?? node.oneOf
    if (some !== undefined) return of(chance.of(some), depth + 1)
    if (node.allOf !== undefined) return Object.assign({}, ...node.allOf.map((one) => of(one, depth + 1)))
    if (node.enum !== undefined) return chance.of(node.enum)
    if (node.const !== undefined) return node.const
    if (node.type === "object" || node.properties !== undefined) {
      const value = {}
      for (const [name, property] of Object.entries(node.properties ?? {}))
        if ((node.required ?? []).includes(name) || chance.below(4) === 0) value[name] = of(property, depth + 1)
      const others = Object.values(node.patternProperties ?? {})[0] ?? node.additionalProperties
      if (typeof others === "object" || others === true)
        for (let n = chance.below(4); n > 0; n--)
          value[chance.below(8) === 0 ? chance.of(odd) : chance.of(words)] = of(others, depth + 1)
      return value
    }
    if (node.type === "array") return Array.from({ length: chance.below(4) }, () => of(node.items, depth + 1))
    if (node.type === "integer") return chance.of([1, 2, 16, 1_200, 16_000, node.minimum ?? 1, node.maximum ?? 100])
    if (node.type === "number") return chance.of(numbers)
    if (node.type === "boolean") return chance.below(2) === 0
    return chance.of(words)
  }
  /** A right config of which some places are left out or are something else. */
  const edited = (value) => {
    if (chance.below(12) === 0) return anything(1)
    if (Array.isArray(value)) return value.map(edited)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, one]) => (chance.below(15) === 0 ? [] : [[name, edited(one)]]))
    )
  }
  return chance.below(2) === 0 ? of(schema, 0) : edited(right)
}

/** As YAML, which JSON is part of; now and then with bytes that no editor wrote. */
const written = (value, chance) => {
  const text = JSON.stringify(value, null, 1) ?? ""
  if (chance.below(10) > 0) return text
  const at = chance.below(text.length + 1)
  return text.slice(0, at) + chance.of([":", "{", "&a", "*a", "\t", "- ", '"', "\n  x:", "%"]) + text.slice(at + chance.below(3))
}

/** Configs between two looks at the time. */
const PIECE = 100

/** What is wrong with one config; its answer is counted in the course. */
const wrongWith = async (n, folder, course, seed) => {
  const chance = Chance.make(seed + 104_729 * n)
  const text = written(make(chance), chance)
  writeFileSync(join(folder, "spool.yaml"), text)
  const loaded = Project.load({ cwd: folder, file: "spool.yaml" }, host)
  const began = performance.now()
  const exit = await Effect.runPromiseExit(
    Effect.timeoutFail(loaded, { duration: PATIENCE, onTimeout: () => ({ code: "hangs" }) })
  )
  const failure = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : undefined
  const code = failure === undefined ? "taken" : failure._tag === "Some" ? failure.value.code : "defect"
  count(course, code)
  if (code === "defect" || code === "hangs" || code === undefined || performance.now() - began > PATIENCE)
    return [`${code}: ${Exit.isFailure(exit) ? Cause.pretty(exit.cause).slice(0, 1_000) : "too slow"}\n${text.slice(0, 2_000)}`]
  return failure?._tag === "Some" && (failure.value.message === "" || failure.value.help === "") ? [`${code} says nothing`] : []
}

export const tryAll = async ({ count: most, progress, report }) => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-configs-"))
  const course = progress.course("configs")
  try {
    while (course.done < most && !progress.isOver) {
      for (const end = Math.min(most, course.done + PIECE); course.done < end; course.done++) {
        const found = await wrongWith(course.done, folder, course, progress.seed)
        course.wrong += found.length
        report.hold(`config ${course.done} of the seed ${progress.seed}`, found)
      }
      progress.save()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  report.say(`${course.done} of ${most} configs, ${course.wrong} violations: ${told(course)}`)
}
