import { createEffect, For, on, onMount, Show } from "solid-js"
import { createStore, produce } from "solid-js/store"
import type { Word } from "../item/Said.js"
import { Icon } from "../layout/Icon.js"
import * as Player from "../player/Player.js"
import type { Region } from "../player/Waveform.js"
import { words } from "../words/Locale.js"

export interface Segment {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}
export interface Tag {
  readonly vocabulary: string
  readonly label: string
  readonly startSeconds: number | null
  readonly endSeconds: number | null
}

/** What a person puts in place of a word. */
export interface Draft {
  readonly text: string | null
  readonly segments: ReadonlyArray<Segment>
  readonly tags: ReadonlyArray<Tag>
}

interface Props {
  readonly word: Word
  readonly initial: { readonly text: string; readonly segments: ReadonlyArray<Segment>; readonly tags: ReadonlyArray<Tag> }
  readonly seconds: number | undefined
  readonly region?: ((region: Region | undefined) => void) | undefined
  readonly drawn?: Region | undefined
  readonly save: (draft: Draft) => void
  readonly cancel: () => void
}

type Editable<A> = { -readonly [K in keyof A]: A[K] }

/** Text, parts with their times, and tags, as fields. Enter in a line saves, Escape leaves. */
export const Editor = (props: Props) => {
  let form: HTMLFormElement | undefined
  const [draft, setDraft] = createStore<{
    text: string
    segments: Array<Editable<Segment>>
    tags: Array<Editable<Tag>>
    active: number
  }>({
    text: props.initial.text,
    segments: props.initial.segments.map((segment) => ({ ...segment })),
    tags: props.initial.tags.map(({ endSeconds, label, startSeconds, vocabulary }) => ({
      vocabulary,
      label,
      startSeconds,
      endSeconds
    })),
    active: -1
  })
  const isCaption = () => props.word.kind === "caption"
  onMount(() => form?.querySelector<HTMLElement>("textarea, input")?.focus())
  const enter = (index: number) => {
    setDraft("active", index)
    const segment = draft.segments[index]
    if (segment !== undefined) props.region?.({ start: segment.startSeconds, end: segment.endSeconds })
  }
  createEffect(
    on(
      () => props.drawn,
      (drawn) => {
        if (drawn === undefined || draft.segments[draft.active] === undefined) return
        const tenth = (seconds: number) => Math.round(seconds * 10) / 10
        setDraft("segments", draft.active, { startSeconds: tenth(drawn.start), endSeconds: tenth(drawn.end) })
      },
      { defer: true }
    )
  )
  const save = () =>
    props.save({
      text: isCaption() ? draft.text : null,
      segments: isCaption() ? draft.segments.map((segment) => ({ ...segment })) : [],
      tags: isCaption() ? [] : draft.tags.filter(({ label }) => label.trim() !== "").map((tag) => ({ ...tag }))
    })
  const number = (text: string): number => {
    const value = Number(text.replace(",", "."))
    return Number.isFinite(value) ? Math.max(0, value) : 0
  }
  return (
    <form
      ref={form}
      class="editor"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") props.cancel()
        else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save()
        else return
        event.preventDefault()
      }}
    >
      <Show when={isCaption()}>
        <label class="field">
          <span>{words().review.text}</span>
          <textarea
            rows="5"
            maxlength={100_000}
            value={draft.text}
            onInput={({ currentTarget }) => setDraft("text", currentTarget.value)}
          />
        </label>
        <fieldset class="parts">
          <legend>{words().review.parts}</legend>
          <For each={draft.segments}>
            {(segment, i) => (
              <div class="part" classList={{ "part-active": draft.active === i() }} onFocusIn={() => enter(i())}>
                <label>
                  <span class="sr">{words().review.from}</span>
                  <input
                    inputmode="decimal"
                    class="time-input"
                    value={segment.startSeconds}
                    onChange={({ currentTarget }) => setDraft("segments", i(), "startSeconds", number(currentTarget.value))}
                  />
                </label>
                <label>
                  <span class="sr">{words().review.to}</span>
                  <input
                    inputmode="decimal"
                    class="time-input"
                    value={segment.endSeconds}
                    onChange={({ currentTarget }) => setDraft("segments", i(), "endSeconds", number(currentTarget.value))}
                  />
                </label>
                <label class="part-text">
                  <span class="sr">{words().review.text}</span>
                  <input
                    value={segment.text}
                    maxlength={20_000}
                    onInput={({ currentTarget }) => setDraft("segments", i(), "text", currentTarget.value)}
                  />
                </label>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={words().review.remove}
                  onClick={() =>
                    setDraft(
                      "segments",
                      produce((all) => void all.splice(i(), 1))
                    )
                  }
                >
                  <Icon name="close" />
                </button>
              </div>
            )}
          </For>
          <button
            type="button"
            class="button"
            onClick={() => {
              const start = Math.round(Player.position() * 10) / 10
              setDraft(
                "segments",
                produce(
                  (all) =>
                    void all.push({ startSeconds: start, endSeconds: Math.min(start + 5, props.seconds ?? start + 5), text: "" })
                )
              )
              enter(draft.segments.length - 1)
            }}
          >
            {words().review.addPart}
          </button>
        </fieldset>
      </Show>
      <Show when={!isCaption()}>
        <fieldset class="parts">
          <legend>{words().review.tags}</legend>
          <For each={draft.tags}>
            {(tag, i) => (
              <div class="part">
                <label>
                  <span class="sr">{words().review.vocabulary}</span>
                  <input
                    value={tag.vocabulary}
                    maxlength={100}
                    onInput={({ currentTarget }) => setDraft("tags", i(), "vocabulary", currentTarget.value)}
                  />
                </label>
                <label class="part-text">
                  <span class="sr">{words().review.tag}</span>
                  <input
                    value={tag.label}
                    maxlength={200}
                    onInput={({ currentTarget }) => setDraft("tags", i(), "label", currentTarget.value)}
                  />
                </label>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={words().review.remove}
                  onClick={() =>
                    setDraft(
                      "tags",
                      produce((all) => void all.splice(i(), 1))
                    )
                  }
                >
                  <Icon name="close" />
                </button>
              </div>
            )}
          </For>
          <button
            type="button"
            class="button"
            onClick={() =>
              setDraft(
                "tags",
                produce(
                  (all) =>
                    void all.push({ vocabulary: all[0]?.vocabulary ?? "", label: "", startSeconds: null, endSeconds: null })
                )
              )
            }
          >
            {words().review.addTag}
          </button>
        </fieldset>
      </Show>
      <div class="line">
        <button type="submit" class="button button-main">
          {words().save} <kbd>⌃↵</kbd>
        </button>
        <button type="button" class="button" onClick={() => props.cancel()}>
          {words().cancel} <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  )
}
