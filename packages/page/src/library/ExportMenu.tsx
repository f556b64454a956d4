import { createSignal, For } from "solid-js"
import { call, Problem } from "../api/ApiClient.js"
import { Menu } from "../layout/Menu.js"
import { say } from "../layout/Notice.js"
import { count, words } from "../words/Locale.js"

const files = ["jsonl", "csv", "parquet", "m3u8"] as const
const folders = ["audiofolder", "webdataset", "vtt", "srt"] as const

/** `rain 2026-11-29`: a new folder's name, of what was looked for. */
const nameOf = (query: string): string => {
  const words = query
    .replace(/[^\p{L}\p{N} ._-]+/gu, " ")
    .trim()
    .replace(/^[ ._-]+/, "")
    .slice(0, 60)
  return `${words === "" ? "library" : words} ${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`
}

/** Takes what fits the query out: as a file to save, or as a folder beside the config. */
export const ExportMenu = (props: { readonly query: string }) => {
  const [isBusy, setBusy] = createSignal(false)
  const write = async (as: (typeof folders)[number]) => {
    setBusy(true)
    try {
      const { media, path } = await call("exports", "folder", { payload: { q: props.query, as, name: nameOf(props.query) } })
      say(words().library.exported(count(media), path))
    } catch (cause) {
      say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)
    }
    setBusy(false)
  }
  return (
    <Menu label={words().library.export} icon="export">
      <p class="muted">{words().library.exportFile}</p>
      <For each={files}>
        {(as) => (
          <a class="menu-item" href={`/api/export?${new URLSearchParams({ q: props.query, as }).toString()}`} download="">
            {words().library.formats[as]}
          </a>
        )}
      </For>
      <p class="muted">{words().library.exportFolder}</p>
      <For each={folders}>
        {(as) => (
          <button type="button" class="menu-item" disabled={isBusy()} onClick={() => void write(as)}>
            {words().library.formats[as]}
          </button>
        )}
      </For>
    </Menu>
  )
}
