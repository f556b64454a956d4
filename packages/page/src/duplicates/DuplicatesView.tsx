import { createEffect, createMemo, createResource, createSignal, For, on, Show, untrack } from "solid-js"
import { createStore, reconcile } from "solid-js/store"
import { call, Problem, type Reply } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { useKeys } from "../layout/Keys.js"
import { say } from "../layout/Notice.js"
import { go } from "../layout/Route.js"
import { UndoSteps } from "../layout/UndoSteps.js"
import * as Player from "../player/Player.js"
import { count, moment, words } from "../words/Locale.js"
import { DuplicateFile, type File, type Group, type Mark, trackOf } from "./DuplicateFile.js"

/** Known again by its number, so that what is in focus stays. */
type Keyed = Omit<Group, "files"> & { readonly files: ReadonlyArray<File & { readonly id: number }> }
type Marked = Reply<"duplicates", "mark">["before"][number]

const hows = ["content", "audio", "near"] as const
const STEP = 20
const MOST = 500

const failed = (cause: unknown) => say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)

/** Marks from before each change, the last one on top. */
const done = new UndoSteps<ReadonlyArray<Marked>>()

/** Files that are there twice, side by side: hear them at the same place, and mark which one is kept. */
export const DuplicatesView = () => {
  const [how, setHow] = createSignal<Group["how"]>()
  const [limit, setLimit] = createSignal(STEP)
  const [isComparing, setComparing] = createSignal(false)
  const [found, { refetch }] = createResource(
    () => ({ how: how(), limit: limit() }),
    (urlParams) => call("duplicates", "groups", { urlParams }).catch(() => undefined)
  )
  createEffect(on(Live.version, () => void refetch(), { defer: true }))

  // Where a group stands it stays, while it is among those that are shown: what was decided doesn't jump away from under one's hands.
  const [shown, setShown] = createStore<{ groups: ReadonlyArray<Keyed> }>({ groups: [] })
  createEffect(() => {
    const places = new Map(untrack(() => shown.groups).map(({ id }, place) => [id, place]))
    const sorted = (found.latest?.groups ?? [])
      .map((group) => ({ ...group, files: group.files.map((file) => ({ ...file, id: file.item })) }))
      .sort((a, b) => (places.get(a.id) ?? places.size) - (places.get(b.id) ?? places.size))
    setShown("groups", reconcile(sorted, { key: "id" }))
  })
  const groups = () => shown.groups
  const files = () => groups().flatMap((group) => group.files.map((file) => ({ file, group })))
  const [chosen, setChosen] = createSignal<number>()
  const selected = createMemo(() => files().find(({ file }) => file.item === chosen()) ?? files()[0])

  const show = (file: File | undefined) => {
    if (file === undefined) return
    setChosen(file.item)
    document.querySelector(`[data-item="${file.item}"]`)?.scrollIntoView({ block: "nearest" })
    // What plays goes on in the other file, at the same place: so one hears in what they differ.
    if (Player.isPlaying() && Player.track()?.id !== file.mediaId) {
      const isSameGroup = selected()?.group.files.some(({ mediaId }) => mediaId === Player.track()?.id) === true
      Player.play(trackOf(file), isSameGroup ? Math.min(Player.position(), (file.durationSeconds ?? 0) * 0.98) : 0)
    }
    const next = files()[files().findIndex((one) => one.file.item === file.item) + 1]
    if (next !== undefined && Player.track() !== undefined) Player.prepare(next.file.mediaId)
  }
  const step = (by: number) => {
    const all = files()
    const at = all.findIndex(({ file }) => file.item === selected()?.file.item)
    show(all[Math.min(Math.max(0, at + by), all.length - 1)]?.file)
  }
  const play = (file: File) => {
    if (Player.track()?.id === file.mediaId) Player.toggle()
    else if (Player.isPlaying()) show(file)
    else Player.play(trackOf(file))
    setChosen(file.item)
  }

  const put = async (marks: ReadonlyArray<Marked>, text: string) => {
    try {
      const { before } = await call("duplicates", "mark", { payload: { marks } })
      done.push(before)
      say(`${text} · ${words().review.undo}: Z`)
      await refetch()
    } catch (cause) {
      failed(cause)
    }
  }
  const mark = (file: File, next: Mark) =>
    put([{ item: file.item, mark: next }], words().duplicates.said[next ?? "none"](file.name))
  const only = (file: File, group: Keyed) =>
    put(
      group.files.map(({ item }) => ({ item, mark: item === file.item ? "keep" : "duplicate" })),
      words().duplicates.said.only(file.name)
    )
  /** The next file without a mark, by key alone: in the group, then below it. */
  const onwards = (from: ReadonlyArray<{ readonly file: File }>, after: number) => {
    const at = from.findIndex(({ file }) => file.item === after)
    const next = [...from.slice(at + 1), ...from.slice(0, at)].find(({ file }) => file.mark === null)
    if (next !== undefined) show(next.file)
  }
  const decide = (act: (one: { readonly file: File; readonly group: Keyed }) => Promise<void>) => {
    const one = selected()
    if (one === undefined) return
    void act(one).then(() => onwards(files(), one.file.item))
  }
  const undo = async () => {
    const before = done.pop()
    if (before === undefined) return
    try {
      await call("duplicates", "mark", { payload: { marks: before } })
      say(words().duplicates.said.undone)
      await refetch()
      show(files().find(({ file }) => file.item === before[0]?.item)?.file)
    } catch (cause) {
      failed(cause)
    }
  }
  const compare = async () => {
    setComparing(true)
    try {
      const { groups } = await call("duplicates", "find", {})
      say(words().duplicates.found(count(groups)))
      await refetch()
    } catch (cause) {
      failed(cause)
    }
    setComparing(false)
  }
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    " ": () => {
      const one = selected()
      if (one === undefined) return false
      play(one.file)
    },
    Enter: () => {
      const one = selected()
      if (one === undefined) return false
      go({ view: "library", query: "dup:yes", item: one.file.mediaId })
    },
    a: () => decide(({ file }) => mark(file, "keep")),
    x: () => decide(({ file }) => mark(file, "duplicate")),
    o: () => decide(({ file, group }) => only(file, group)),
    z: () => void undo()
  })
  const longest = (group: Keyed) => Math.max(...group.files.map(({ durationSeconds }) => durationSeconds ?? 0))
  return (
    <div class="view duplicates">
      <div class="view-head">
        <h2>{words().duplicates.title}</h2>
        <Show when={found.latest}>
          {(now) => (
            <p class="muted" role="status">
              <Show when={now().total > 0}>{words().duplicates.left(count(now().open), count(now().total))} · </Show>
              {now().comparedAt === null
                ? words().duplicates.notCompared
                : words().duplicates.compared(moment(now().comparedAt ?? ""))}
            </p>
          )}
        </Show>
        <div class="line">
          <label>
            <span class="sr">{words().duplicates.kind}</span>
            <select
              value={how() ?? ""}
              onChange={({ currentTarget: { value } }) => setHow(hows.find((known) => known === value))}
            >
              <option value="">{words().duplicates.all}</option>
              <For each={hows}>{(known) => <option value={known}>{words().duplicates.how[known]}</option>}</For>
            </select>
          </label>
          <button type="button" class="button" disabled={isComparing()} onClick={() => void compare()}>
            {isComparing() ? words().duplicates.comparing : words().duplicates.compare}
          </button>
          <button type="button" class="button" onClick={() => go({ view: "library", query: "dup:yes", item: undefined })}>
            {words().duplicates.inLibrary}
          </button>
        </div>
      </div>
      <Show when={found.latest?.fingerprints === 0}>
        <p class="muted">{words().duplicates.onlyContent}</p>
      </Show>
      <Show when={found.latest !== undefined && groups().length === 0}>
        <div class="empty">
          <p>{words().duplicates.empty}</p>
          <p class="muted">{words().duplicates.emptyHelp}</p>
        </div>
      </Show>
      <Show when={groups().length > 0}>
        <p class="muted">
          {words().duplicates.hint} {words().duplicates.nothingDeleted}
        </p>
      </Show>
      <For each={groups()}>
        {(group) => (
          <section
            class="dup-group"
            aria-label={words().duplicates.group(words().duplicates.how[group.how], group.files[0]?.name ?? "")}
          >
            <h3>
              {words().duplicates.how[group.how]}{" "}
              <span class="muted dup-count">{words().duplicates.files(count(group.count))}</span>{" "}
              <Show when={group.open === 0}>
                <span class="badge badge-good">{words().duplicates.decided}</span>
              </Show>
            </h3>
            <ul>
              <For each={group.files}>
                {(file) => (
                  <DuplicateFile
                    file={file}
                    longest={longest(group)}
                    isSelected={selected()?.file.item === file.item}
                    select={() => show(file)}
                    play={() => play(file)}
                    mark={(next) => void mark(file, next)}
                    only={() => void only(file, group)}
                  />
                )}
              </For>
            </ul>
            <Show when={group.count > group.files.length}>
              <p class="muted">{words().duplicates.more(count(group.count - group.files.length))}</p>
            </Show>
          </section>
        )}
      </For>
      <Show when={(found.latest?.total ?? 0) > groups().length && limit() < MOST}>
        <button type="button" class="button" onClick={() => setLimit(Math.min(MOST, limit() + STEP))}>
          {words().duplicates.showMore}
        </button>
      </Show>
    </div>
  )
}
