import { createEffect, Show } from "solid-js"
import { Icon } from "../layout/Icon.js"
import { showKeys } from "../layout/KeysDialog.js"
import { clock, words } from "../words/Locale.js"
import { waveOf } from "./Peaks.js"
import * as Player from "./Player.js"
import { Waveform } from "./Waveform.js"

/** The picture of a video, moved here while it plays. */
const Picture = () => {
  let place: HTMLDivElement | undefined
  createEffect(() => {
    void Player.track()
    place?.replaceChildren(Player.element())
  })
  return <div ref={place} class="picture" />
}

/** What plays, on every view. Name and state are read out, the time is not. */
export const PlayerBar = () => (
  <section class="player" aria-label={words().player.label}>
    <Show when={Player.track()} fallback={<p class="player-empty muted">{words().player.nothing}</p>}>
      {(track) => (
        <>
          <button
            type="button"
            class="play play-large"
            aria-label={Player.isPlaying() ? words().player.pause : words().player.play}
            onClick={() => Player.toggle()}
          >
            <Icon name={Player.isPlaying() ? "pause" : "play"} />
          </button>
          <div class="player-what">
            <bdi class="name">{track().name}</bdi>
            <span class="time" aria-hidden="true">
              <Show
                when={Player.state() === "ready"}
                fallback={
                  Player.state() === "broken"
                    ? words().player.broken
                    : Player.state() === "gone"
                      ? words().library.gone
                      : words().player.preparing
                }
              >
                {clock(Player.position())} / {clock(Player.length())}
              </Show>
            </span>
            <span class="sr" role="status">
              {Player.state() === "broken"
                ? words().player.broken
                : Player.state() === "gone"
                  ? words().library.gone
                  : Player.isPlaying()
                    ? words().player.playing(track().name)
                    : words().player.paused(track().name)}
            </span>
          </div>
          <div class="player-wave">
            <Waveform
              wave={waveOf(track().id)}
              played={Player.length() > 0 ? Player.position() / Player.length() : 0}
              seconds={Player.length()}
              seek={Player.seek}
            />
            <input
              class="seek"
              type="range"
              min="0"
              max={Math.max(0.1, Player.length())}
              step="0.1"
              value={Player.position()}
              aria-label={words().player.position}
              aria-valuetext={`${clock(Player.position())} / ${clock(Player.length())}`}
              onInput={({ currentTarget }) => Player.seek(Number(currentTarget.value))}
            />
          </div>
          <Show when={track().type === "video"}>
            <Picture />
          </Show>
          <button type="button" class="icon-button player-close" aria-label={words().player.stop} onClick={() => Player.stop()}>
            <Icon name="close" />
          </button>
        </>
      )}
    </Show>
    <button type="button" class="keys-button" onClick={() => showKeys(true)}>
      <kbd>?</kbd> {words().player.keys}
    </button>
  </section>
)
