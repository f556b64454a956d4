import { Show } from "solid-js"
import type { Reply } from "../api/ApiClient.js"
import { codecName } from "../item/codecName.js"
import { Icon } from "../layout/Icon.js"
import { waveOf } from "../player/Peaks.js"
import * as Player from "../player/Player.js"
import { Waveform } from "../player/Waveform.js"
import { bytes, clock, decimal, words } from "../words/Locale.js"

export type Group = Reply<"duplicates", "groups">["groups"][number]
export type File = Group["files"][number]
export type Mark = File["mark"]

export const trackOf = (file: File): Player.Track => ({
  id: file.mediaId,
  name: file.name,
  seconds: file.durationSeconds ?? undefined,
  type: file.mediaType.startsWith("video/") ? "video" : "audio"
})

/** `flac · 48 kHz · stereo · 2.1 MB`: what tells two files of one sound apart. */
const facts = ({ channels, codec, container, sampleRate, sizeBytes }: File): string =>
  [
    container === codec
      ? container
      : [container, codec === null ? null : codecName(codec)].filter((part) => part !== null).join(" "),
    sampleRate === null ? undefined : `${decimal(sampleRate / 1000)} kHz`,
    channels === null ? undefined : words().item.channels(channels),
    bytes(sizeBytes)
  ]
    .filter((part) => part !== undefined && part !== null && part !== "")
    .join(" · ")

interface Props {
  readonly file: File
  /** Seconds of the longest file beside it: waveforms are as wide as their files are long. */
  readonly longest: number
  readonly isSelected: boolean
  readonly select: () => void
  readonly play: () => void
  readonly mark: (mark: Mark) => void
  readonly only: () => void
}

/** A file of a group: hear it, see how it differs, and decide. */
export const DuplicateFile = (props: Props) => {
  const isCurrent = () => props.isSelected && Player.track()?.id === props.file.mediaId
  const isPlaying = () => isCurrent() && Player.isPlaying()
  const share = () => Math.max(0.1, Math.min(1, (props.file.durationSeconds ?? props.longest) / Math.max(props.longest, 0.01)))
  return (
    <li
      class="dup-file"
      classList={{ "dup-kept": props.file.mark === "keep", "dup-marked": props.file.mark === "duplicate" }}
      data-item={props.file.item}
      aria-current={props.isSelected ? "true" : undefined}
      onClick={() => props.select()}
    >
      <button
        type="button"
        class="play"
        aria-label={isPlaying() ? words().player.pauseFile(props.file.name) : words().player.playFile(props.file.name)}
        onClick={(event) => {
          event.stopPropagation()
          props.play()
        }}
      >
        <Icon name={isPlaying() ? "pause" : "play"} />
      </button>
      <div class="dup-wave">
        <div style={{ width: `${share() * 100}%` }}>
          <Waveform
            wave={waveOf(props.file.mediaId)}
            seconds={props.file.durationSeconds ?? undefined}
            played={isCurrent() && Player.length() > 0 ? Player.position() / Player.length() : 0}
            isOnSoft={props.isSelected}
            seek={(seconds) => {
              props.select()
              Player.play(trackOf(props.file), seconds)
              Player.seek(seconds)
            }}
          />
        </div>
      </div>
      <div class="dup-what">
        <p class="dup-name">
          <bdi class="name">{props.file.name}</bdi>
          <Show when={props.file.mark}>
            {(mark) => (
              <span class={mark() === "keep" ? "badge badge-good" : "badge"}>
                {mark() === "keep" ? words().duplicates.kept : words().duplicates.marked}
              </span>
            )}
          </Show>
          <Show when={props.file.folder !== ""}>
            <bdi class="folder">{props.file.folder}</bdi>
          </Show>
        </p>
        <p class="muted dup-facts">{facts(props.file)}</p>
      </div>
      <span class="muted time">{props.file.durationSeconds === null ? "" : clock(props.file.durationSeconds)}</span>
      <div class="line dup-actions">
        <button
          type="button"
          class="button"
          aria-pressed={props.file.mark === "keep"}
          aria-keyshortcuts={props.isSelected ? "a" : undefined}
          onClick={() => props.mark(props.file.mark === "keep" ? null : "keep")}
        >
          {words().duplicates.keep}
          <Show when={props.isSelected}>
            {" "}
            <kbd>A</kbd>
          </Show>
          <span class="sr"> {props.file.name}</span>
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={props.file.mark === "duplicate"}
          aria-keyshortcuts={props.isSelected ? "x" : undefined}
          onClick={() => props.mark(props.file.mark === "duplicate" ? null : "duplicate")}
        >
          {words().duplicates.duplicate}
          <Show when={props.isSelected}>
            {" "}
            <kbd>X</kbd>
          </Show>
          <span class="sr"> {props.file.name}</span>
        </button>
        <button type="button" class="button" aria-keyshortcuts={props.isSelected ? "o" : undefined} onClick={() => props.only()}>
          {words().duplicates.only}
          <Show when={props.isSelected}>
            {" "}
            <kbd>O</kbd>
          </Show>
          <span class="sr"> {props.file.name}</span>
        </button>
      </div>
    </li>
  )
}
