import { For, Show } from "solid-js"
import { Icon } from "../layout/Icon.js"
import * as Player from "../player/Player.js"
import { waveOf } from "../player/Peaks.js"
import { Waveform } from "../player/Waveform.js"
import { bytes, clock, words } from "../words/Locale.js"
import { shown } from "./Columns.js"
import { Highlighted } from "./Highlighted.js"
import type { Row } from "./RowCache.js"

export const trackOf = (row: Row): Player.Track => ({
  id: row.id,
  name: row.name,
  seconds: row.durationSeconds ?? undefined,
  type: row.mediaType.startsWith("video/") ? "video" : "audio"
})

interface Props {
  readonly row: Row
  readonly tags: (query: string) => void
}

/** A file in the list: play, waveform, name over tags and caption, length. */
export const LibraryRow = (props: Props) => {
  const isCurrent = () => Player.track()?.id === props.row.id
  const isPlaying = () => isCurrent() && Player.isPlaying()
  const played = () => (isCurrent() && Player.length() > 0 ? Player.position() / Player.length() : 0)
  return (
    <>
      <div role="gridcell" class="cell-play">
        <button
          type="button"
          class="play"
          tabindex="-1"
          disabled={props.row.missing}
          aria-label={isPlaying() ? words().player.pauseFile(props.row.name) : words().player.playFile(props.row.name)}
          onClick={(event) => {
            event.stopPropagation()
            Player.toggle(trackOf(props.row))
          }}
        >
          <Icon name={isPlaying() ? "pause" : "play"} />
        </button>
      </div>
      <Show when={shown().has("wave")}>
        <div role="gridcell" class="cell-wave">
          <Waveform wave={waveOf(props.row.id)} played={played()} />
        </div>
      </Show>
      <div role="gridcell" class="cell-file">
        <div class="row-name">
          <bdi class="name">{props.row.name}</bdi>
          <Show when={props.row.missing}>
            <span class="badge badge-warning">{words().library.gone}</span>
          </Show>
          <Show when={props.row.isReviewed}>
            <span class="reviewed" title={words().library.reviewed}>
              <Icon name="person" />
              <span class="sr">{words().library.reviewed}</span>
            </span>
          </Show>
          <Show when={shown().has("folder") && props.row.folder !== ""}>
            <bdi class="folder">{props.row.folder}</bdi>
          </Show>
        </div>
        <div class="row-said">
          <Show when={shown().has("tags")}>
            <For each={props.row.tags.slice(0, 4)}>
              {(tag) => (
                <span class="tag" title={tag.vocabulary}>
                  <bdi>{tag.label}</bdi>
                </span>
              )}
            </For>
          </Show>
          <Show when={shown().has("caption") && props.row.caption}>
            {(caption) => (
              <span class="caption">
                <Highlighted text={caption()} marks={props.row.marks} />
              </span>
            )}
          </Show>
        </div>
      </div>
      <Show when={shown().has("size")}>
        <div role="gridcell" class="cell-size">
          {bytes(props.row.sizeBytes)}
        </div>
      </Show>
      <div role="gridcell" class="cell-length">
        {props.row.durationSeconds === null ? "" : clock(props.row.durationSeconds)}
      </div>
    </>
  )
}
