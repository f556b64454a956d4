import { createEffect, on, onMount, Show } from "solid-js"
import { createStore, produce } from "solid-js/store"
import type { Word } from "../item/Said.js"
import * as Player from "../player/Player.js"
import type { Region } from "../player/Waveform.js"
import { words } from "../words/Locale.js"
import { RowField, RowFields, RowTime } from "./RowFields.js"

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

const tenth = (seconds: number): number => Math.round(seconds * 10) / 10

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
  // Of a tag its label: its vocabulary hardly ever changes.
  onMount(() => form?.querySelector<HTMLElement>("textarea, .part-text input")?.focus())
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
        <RowFields
          legend={words().review.parts}
          rows={draft.segments}
          active={draft.active}
          enter={enter}
          remove={(index) =>
            setDraft(
              "segments",
              produce((all) => void all.splice(index, 1))
            )
          }
          addLabel={words().review.addPart}
          add={() => {
            const start = tenth(Player.position())
            const end = Math.min(start + 5, props.seconds ?? start + 5)
            setDraft(
              "segments",
              produce((all) => void all.push({ startSeconds: start, endSeconds: end, text: "" }))
            )
            enter(draft.segments.length - 1)
          }}
        >
          {(segment, i) => (
            <>
              <RowTime
                label={words().review.from}
                seconds={segment.startSeconds}
                set={(seconds) => setDraft("segments", i(), "startSeconds", seconds)}
              />
              <RowTime
                label={words().review.to}
                seconds={segment.endSeconds}
                set={(seconds) => setDraft("segments", i(), "endSeconds", seconds)}
              />
              <RowField
                label={words().review.text}
                value={segment.text}
                maxLength={20_000}
                wide
                set={(text) => setDraft("segments", i(), "text", text)}
              />
            </>
          )}
        </RowFields>
      </Show>
      <Show when={!isCaption()}>
        <RowFields
          legend={words().review.tags}
          rows={draft.tags}
          remove={(index) =>
            setDraft(
              "tags",
              produce((all) => void all.splice(index, 1))
            )
          }
          addLabel={words().review.addTag}
          add={() =>
            setDraft(
              "tags",
              produce(
                (all) => void all.push({ vocabulary: all[0]?.vocabulary ?? "", label: "", startSeconds: null, endSeconds: null })
              )
            )
          }
        >
          {(tag, i) => (
            <>
              <RowField
                label={words().review.vocabulary}
                value={tag.vocabulary}
                maxLength={100}
                set={(vocabulary) => setDraft("tags", i(), "vocabulary", vocabulary)}
              />
              <RowField
                label={words().review.tag}
                value={tag.label}
                maxLength={200}
                wide
                set={(label) => setDraft("tags", i(), "label", label)}
              />
            </>
          )}
        </RowFields>
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
