import { For, Show } from "solid-js"
import * as Player from "../player/Player.js"
import { clock, decimal, words } from "../words/Locale.js"
import type { Details } from "./ItemPanel.js"

export type Word = Details["words"][number]

/** What holds, as it can be edited. */
export const holding = (word: Word) => ({
  text: word.texts.find(({ startSeconds }) => startSeconds === null)?.text ?? "",
  segments: word.texts.flatMap(({ endSeconds, startSeconds, text }) =>
    startSeconds === null ? [] : [{ startSeconds, endSeconds: endSeconds ?? startSeconds, text }]
  ),
  tags: word.tags
})

interface Props {
  readonly word: Word
  /** Whether this file is the one in the player. */
  readonly isCurrent: boolean
  readonly seek: (seconds: number) => void
}

/** What was said of a file: sentences that are heard with a click, and tags. */
export const Said = (props: Props) => {
  const now = () => holding(props.word)
  const isSaid = (start: number) => props.isCurrent && Player.cue() !== undefined && Math.abs((Player.cue() ?? -1) - start) < 0.01
  return (
    <div class="said-word">
      <Show when={now().segments.length === 0 && now().text !== ""}>
        <p class="said-text">
          <bdi>{now().text}</bdi>
        </p>
      </Show>
      <Show when={now().segments.length > 0}>
        <ol class="sentences">
          <For each={now().segments}>
            {(segment) => (
              <li>
                <button
                  type="button"
                  class="sentence"
                  aria-current={isSaid(segment.startSeconds) ? "true" : undefined}
                  onClick={() => props.seek(segment.startSeconds)}
                >
                  <span class="sentence-time">{clock(segment.startSeconds)}</span>
                  <bdi>{segment.text}</bdi>
                </button>
              </li>
            )}
          </For>
        </ol>
      </Show>
      <Show when={now().tags.length > 0}>
        <ul class="tags">
          <For each={now().tags}>
            {(tag) => (
              <li class="tag" title={tag.evidence ?? tag.vocabulary}>
                <bdi>{tag.label}</bdi>
                <Show when={tag.confidence !== null}>
                  <span class="muted"> {decimal(tag.confidence ?? 0, 2)}</span>
                </Show>
                <Show when={tag.startSeconds !== null}>
                  <button type="button" class="tag-time" onClick={() => props.seek(tag.startSeconds ?? 0)}>
                    {clock(tag.startSeconds ?? 0)}
                  </button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="muted said-by">
        <span>{props.word.node}</span>
        <Show when={props.word.model !== "" && props.word.model !== "person"}>
          {" · "}
          <bdi>{props.word.model}</bdi>
        </Show>
        <Show when={props.word.correction}>{(made) => <> · {verdictText(made().verdict)}</>}</Show>
      </p>
      <Show when={props.word.correction?.verdict === "corrected" ? props.word.correction.modelWord : undefined}>
        {(said) => (
          <details class="before">
            <summary>{words().item.modelSaid}</summary>
            <p class="said-text">
              <bdi>{said().text ?? ""}</bdi>
            </p>
            <ul class="tags">
              <For each={said().tags}>
                {(tag) => (
                  <li class="tag">
                    <bdi>{tag.label}</bdi>
                  </li>
                )}
              </For>
            </ul>
          </details>
        )}
      </Show>
    </div>
  )
}

const verdictText = (verdict: "accepted" | "corrected" | "redo" | "skipped"): string => {
  const { accepted, corrected, redo, skipped } = words().item
  return { accepted, corrected, redo, skipped }[verdict]
}
