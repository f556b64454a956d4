import { createEffect, createResource, createSignal, For, on, Show } from "solid-js"
import { call, Problem, type Reply } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { Icon } from "../layout/Icon.js"
import { say } from "../layout/Notice.js"
import { go } from "../layout/Route.js"
import * as Player from "../player/Player.js"
import { count, moment, words } from "../words/Locale.js"

type Group = Reply<"failures", "groups">[number]
type File = Group["files"][number]

const failed = (cause: unknown) => say(cause instanceof Problem && cause.message !== "" ? cause.message : words().connection.lost)

const requeue = async ({ code, pipeline }: Group, item?: number) => {
  try {
    const { items } = await call("failures", "requeue", { payload: { pipeline, code, ...(item === undefined ? {} : { item }) } })
    say(words().failures.requeued(count(items)))
  } catch (cause) {
    failed(cause)
  }
}

const trackOf = ({ durationSeconds, mediaId, mediaType, name }: File): Player.Track | undefined =>
  mediaId === null
    ? undefined
    : {
        id: mediaId,
        name,
        seconds: durationSeconds ?? undefined,
        type: mediaType?.startsWith("video/") === true ? "video" : "audio"
      }

const FailedFile = (props: { readonly file: File; readonly group: Group }) => {
  const isPlaying = () => Player.isPlaying() && Player.track()?.id === props.file.mediaId
  return (
    <li class="failed-file">
      <button
        type="button"
        class="play"
        disabled={props.file.mediaId === null}
        aria-label={isPlaying() ? words().player.pauseFile(props.file.name) : words().player.playFile(props.file.name)}
        onClick={() => {
          const track = trackOf(props.file)
          if (track !== undefined) Player.toggle(track)
        }}
      >
        <Icon name={isPlaying() ? "pause" : "play"} />
      </button>
      <div class="failed-what">
        <Show when={props.file.mediaId} fallback={<bdi class="name">{props.file.name}</bdi>}>
          {(id) => (
            <a
              class="name"
              href={`/?item=${id()}`}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return
                event.preventDefault()
                go({ view: "library", query: "", item: id() })
              }}
            >
              <bdi>{props.file.name}</bdi>
            </a>
          )}
        </Show>
        <bdi class="folder">{props.file.folder}</bdi>
        <For each={props.file.messages}>
          {(message) => (
            <p>
              <bdi>{message}</bdi>
            </p>
          )}
        </For>
        <p class="muted">
          {/* None: the file failed with another of the same content. */}
          <Show when={props.file.attempts > 0}>{words().failures.attempts(count(props.file.attempts))} · </Show>
          {moment(props.file.failedAt)}
        </p>
      </div>
      <button type="button" class="button" onClick={() => void requeue(props.group, props.file.item)}>
        {words().failures.requeue}
        <span class="sr"> {props.file.name}</span>
      </button>
    </li>
  )
}

/** Files that one click more shows. */
const PAGE = 100

/** What failed, by cause, with what to do about it. */
export const FailuresView = () => {
  const [groups, { refetch }] = createResource(() => call("failures", "groups", {}).catch(() => undefined))
  createEffect(on(Live.version, () => void refetch(), { defer: true }))
  const keyOf = ({ code, nodes, pipeline, retry }: Group) => `${pipeline} ${nodes.join(",")} ${code} ${retry}`
  const [all, setAll] = createSignal<Readonly<Record<string, ReadonlyArray<File>>>>({})
  /** At least so many files of a group, a page after the other. */
  const show = async (group: Group, least: number) => {
    const { code, nodes, pipeline, retry } = group
    let files: ReadonlyArray<File> = []
    while (files.length < Math.min(least, group.count)) {
      const urlParams = { code, nodes: nodes.join(","), pipeline, retry, offset: files.length }
      const next = await call("failures", "files", { urlParams })
      if (next.length === 0) break
      files = [...files, ...next]
    }
    setAll({ ...all(), [keyOf(group)]: files })
  }
  const shown = (group: Group) => all()[keyOf(group)] ?? group.files
  // What was unfolded stays, and is as new as the rest.
  createEffect(
    on(
      () => groups.latest,
      (found) => {
        for (const group of found ?? []) {
          const before = all()[keyOf(group)]
          if (before !== undefined) void show(group, before.length).catch(() => undefined)
        }
      },
      { defer: true }
    )
  )
  return (
    <div class="view failures">
      <div class="view-head">
        <h2>{words().failures.title}</h2>
      </div>
      <Show when={groups.latest?.length === 0}>
        <div class="empty">
          <p>{words().failures.empty}</p>
        </div>
      </Show>
      <For each={groups.latest ?? []}>
        {(group) => (
          <section class="failure-group" aria-label={group.code}>
            <header>
              <h3>
                <code>{group.code}</code>{" "}
                <span class={group.retry === "later" ? "badge badge-warning" : "badge badge-error"}>
                  {group.retry === "later" ? words().failures.waits : words().failures.failed}
                </span>
              </h3>
              <p class="muted">
                {words().failures.inNode(group.nodes.join(", "), group.pipeline)} · {words().failures.files(count(group.count))}
              </p>
              <p>{group.help}</p>
              <button type="button" class="button button-main" onClick={() => void requeue(group)}>
                {words().failures.requeueAll}
                <span class="sr"> {group.code}</span>
              </button>
            </header>
            <ul>
              <For each={shown(group)}>{(file) => <FailedFile file={file} group={group} />}</For>
            </ul>
            <Show when={shown(group).length < group.count}>
              <button type="button" class="button" onClick={() => void show(group, shown(group).length + PAGE).catch(failed)}>
                {words().failures.showAll}
              </button>
            </Show>
          </section>
        )}
      </For>
    </div>
  )
}
