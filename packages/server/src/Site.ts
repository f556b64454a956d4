import type { Library, LibraryError, Project } from "@mediaspool/core"
import { Context, type Effect } from "effect"
import type { RedoPrice } from "./api/ReviewApi.js"

/** A node that a file is asked about again. */
export interface Asked {
  readonly project: Project.Project
  readonly pipeline: string
  readonly node: string
  /** Of the file. */
  readonly seconds: number
}

/** What the command that serves knows, and the page shows. */
export interface Service {
  /** Absolute; the folder of the config: paths are shown from here on. */
  readonly folder: string
  /** Of Mediaspool. */
  readonly version: string
  /** The config as it is now, or what is wrong with it, for a person. Cheap: it is read again only after an edit. */
  readonly project: Effect.Effect<Project.Project, string>
  /** What asking again would take. Nothing is sent. */
  readonly price: (asked: Asked) => Effect.Effect<typeof RedoPrice.Type, LibraryError, Library>
  /** The command itself, to start runs with: program and arguments that come before those of a command. */
  readonly command: readonly [program: string, ...args: ReadonlyArray<string>]
  /** Absolute; the config's file, where there is one. */
  readonly config: string | undefined
}

export class Site extends Context.Tag("@mediaspool/server/Site")<Site, Service>() {}
