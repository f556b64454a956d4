import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { ConfigFolder, type Project, Secrets, secretsFrom, Settings } from "@mediaspool/core"
import { Layer } from "effect"
import * as NodeServices from "./NodeServices.js"

/** What plugins get of the process and of the config: files, programs, requests, settings and secrets. */
export const layer = ({ folder, settings }: Pick<Project.Project, "folder" | "settings">) =>
  Layer.mergeAll(
    NodeServices.layer,
    FetchHttpClient.layer,
    Layer.succeed(Settings, settings),
    Layer.succeed(Secrets, secretsFrom(folder)),
    Layer.succeed(ConfigFolder, folder)
  )
