import { ModelCatalog } from "@mediaspool/plugins"
import { code, page, table } from "./markdown.mjs"

const price = (one, kind) =>
  one === undefined
    ? ""
    : `${[`${kind === "chat" || kind === "embedding" ? "prompt" : "audio"} ${one.audioIn}`, ...(one.textIn === undefined ? [] : [`prompt ${one.textIn}`]), `answer ${one.textOut}`].join(", ")} ${one.currency}`

const audio = ({ audio, kind }) => {
  if (kind === "chat" || kind === "embedding") return ""
  const { maxSeconds, tokensPerSecond } = { ...ModelCatalog.usualAudio, ...audio }
  return `${maxSeconds / 60} min, ${tokensPerSecond} tokens a second`
}

/** The built-in models and regions, with the day when each was read. */
export const models = () =>
  page(
    "Models",
    "What is known without a config. Figures change: the provider's page has the last word, and `providers.<name>.models.<model>` in the config overrides or " +
      "adds any of them. `spool models` shows the same together with your own.",
    "## Models",
    table(
      ["model", "kind", "audio in one request", "sees", "context", "regions", "China, a million tokens", "elsewhere", "checked"],
      Object.entries(ModelCatalog.models).map(([name, model]) => [
        code(name),
        `${model.kind}${model.replacedBy === undefined ? "" : ` (old: ${code(model.replacedBy)})`}`,
        audio(model),
        model.sees ? "yes" : "",
        model.contextTokens,
        model.regions.join(", "),
        price(model.prices.cn, model.kind),
        price(model.prices.intl, model.kind),
        `${model.checked}, ${model.source}`
      ])
    ),
    "## Regions",
    "A key belongs to one region. A workspace's own host is `https://{WorkspaceId}.{region}.maas.aliyuncs.com/compatible-mode/v1`.",
    table(
      ["region", "place", "shared host", "in a workspace's host", "checked"],
      Object.entries(ModelCatalog.regions).map(([name, { checked, host, place, source, workspace }]) => [
        code(name),
        place,
        host === undefined ? "" : code(host),
        code(workspace),
        `${checked}, ${source}`
      ])
    )
  )
