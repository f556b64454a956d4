import { createMemo, Index, Show } from "solid-js"
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
  /** Absent while it is on its way: what is there stays, unseen. */
  readonly row: Row | undefined
  readonly isSelected: boolean
}

const nothing: Row = {
  id: 0,
  name: "",
  folder: "",
  missing: false,
  mediaType: "",
  playable: true,
  durationSeconds: null,
  sizeBytes: 0,
  caption: null,
  marks: [],
  tags: [],
  isReviewed: false,
  addedAt: ""
}

/** A file in the list: play, waveform, name over tags and caption, length. */
export const LibraryRow = (props: Props) => {
  // The row before stays in its elements until the next one is here: they are filled again, not made again.
  const row = createMemo((before: Row) => props.row ?? before, nothing)
  const wave = createMemo(() => (row().id === 0 ? undefined : waveOf(row().id)))
  const isCurrent = () => Player.track()?.id === row().id
  const isPlaying = () => isCurrent() && Player.isPlaying()
  const played = () => (isCurrent() && Player.length() > 0 ? Player.position() / Player.length() : 0)
  return (
    <>
      <div role="gridcell" class="cell-play">
        <button
          type="button"
          class="play"
          tabindex="-1"
          disabled={row().missing || !row().playable}
          title={row().playable ? undefined : words().library.noSound}
          aria-label={isPlaying() ? words().player.pauseFile(row().name) : words().player.playFile(row().name)}
          onClick={(event) => {
            event.stopPropagation()
            Player.toggle(trackOf(row()))
          }}
        >
          <Icon name={isPlaying() ? "pause" : "play"} />
        </button>
      </div>
      <Show when={shown().has("wave")}>
        <div role="gridcell" class="cell-wave">
          <Waveform wave={wave()} played={played()} isOnSoft={props.isSelected} />
        </div>
      </Show>
      <div role="gridcell" class="cell-file">
        <div class="row-name">
          <bdi class="name">{row().name}</bdi>
          <Show when={row().missing || Player.isMissing(row().id)}>
            <span class="badge badge-warning">{words().library.gone}</span>
          </Show>
          <Show when={row().isReviewed}>
            <span class="reviewed" title={words().library.reviewed}>
              <Icon name="person" />
              <span class="sr">{words().library.reviewed}</span>
            </span>
          </Show>
          <Show when={shown().has("folder") && row().folder !== ""}>
            <bdi class="folder">{row().folder}</bdi>
          </Show>
        </div>
        <div class="row-said">
          <Show when={shown().has("tags")}>
            <Index each={row().tags.slice(0, 4)}>
              {(tag) => (
                <span class="tag" title={tag().vocabulary}>
                  <bdi>{tag().label}</bdi>
                </span>
              )}
            </Index>
          </Show>
          <Show when={shown().has("caption") && row().caption}>
            {(caption) => (
              <span class="caption">
                <Highlighted text={caption()} marks={row().marks} />
              </span>
            )}
          </Show>
        </div>
      </div>
      <Show when={shown().has("size")}>
        <div role="gridcell" class="cell-size">
          {bytes(row().sizeBytes)}
        </div>
      </Show>
      <div role="gridcell" class="cell-length">
        {row().durationSeconds === null ? "" : clock(row().durationSeconds ?? 0)}
      </div>
    </>
  )
}
