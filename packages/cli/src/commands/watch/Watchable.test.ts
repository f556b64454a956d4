import { describe, expect, it } from "@effect/vitest"
import type { Planned, Project } from "@mediaspool/core"
import { Duration, Effect } from "effect"
import { plansOf } from "./Watchable.js"

const planned = (pipeline: string, folder?: string): readonly [string, Planned] => [
  pipeline,
  {
    plan: {
      pipeline,
      nodes: [],
      source:
        folder === undefined
          ? undefined
          : { folder, include: [], exclude: [], watch: "auto", scanEvery: Duration.minutes(5), settle: undefined }
    },
    tests: new Map()
  }
]
const config = (...pipelines: ReadonlyArray<ReturnType<typeof planned>>): Pick<Project.Project, "pipelines"> => ({
  pipelines: new Map(pipelines)
})
const names = (project: Pick<Project.Project, "pipelines">, wanted: ReadonlyArray<string>) =>
  Effect.map(plansOf(project, wanted), (plans) => plans.map(({ pipeline }) => pipeline))

describe("what a watcher takes", () => {
  const both = config(planned("a", "/a"), planned("b"), planned("c", "/c"))

  it.effect("is every pipeline with a source folder, or those that are named", () =>
    Effect.gen(function* () {
      expect(yield* names(both, [])).toEqual(["a", "c"])
      expect(yield* names(both, ["c"])).toEqual(["c"])
    })
  )

  it.effect("is never a name that isn't there, or a pipeline without a folder", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(names(both, ["d"]))).toMatchObject({ code: 2, message: "No pipeline named 'd'." })
      expect(yield* Effect.flip(names(both, ["a", "b"]))).toMatchObject({ code: 2 })
      expect(yield* Effect.flip(names(config(planned("b")), []))).toMatchObject({
        code: 78,
        message: "'b' has no source folder to watch."
      })
    })
  )
})
