import type { Ask } from "../protocol/Ask.js"
import type { Offer } from "./ExecutorMessage.js"

/** Why jobs of this kind don't go to a worker with this offer; `undefined` when they do. */
export const obstacle = (
  { engine, plugin, pluginVersion, roots: wanted, stage, version }: Ask,
  offer: Offer,
  roots: ReadonlyArray<string>
): string | undefined => {
  const own = offer.stages.find((offered) => offered.stage === stage)
  if (own === undefined) return `the stage '${stage}' is not here: the plugin '${plugin}' is missing from the worker's config`
  if (own.plugin !== plugin) return `the stage '${stage}' comes from the plugin '${own.plugin}' here, and from '${plugin}' there`
  if (own.version !== version) return `the stage '${stage}' has version ${own.version} here, and ${version} there`
  if (own.pluginVersion !== pluginVersion)
    return `the plugin '${plugin}' has version ${own.pluginVersion || "(none)"} here, and ${pluginVersion || "(none)"} there`
  if (engine && offer.engine.name === "none") return "nothing that reads media is installed: ffmpeg and node-av are missing"
  const unmapped = wanted.filter((root) => !roots.includes(root))
  return unmapped.length === 0
    ? undefined
    : `the root '${unmapped.join("', '")}' is not mapped: start the worker with ${unmapped.map((root) => `--root ${root}=PATH`).join(" ")}`
}
