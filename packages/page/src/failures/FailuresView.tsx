import { createEffect, createResource, createSignal, For, on, Show } from "solid-js"
import { call, type Reply } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { Icon } from "../layout/Icon.js"
import { say } from "../layout/Notice.js"
import { go } from "../layout/Route.js"
import * as Player from "../player/Player.js"
import { count, moment, words } from "../words/Locale.js"

type Group = Reply<"failures", "groups">[number]
type File = Group["files"][number]

const requeue = async (payload: {
  readonly pipeline?: string
  readonly node?: string
  readonly code?: string
  readonly item?: number
}) => {
  const { items } = await call("failures", "requeue", { payload })
  say(words().failures.requeued(count(items)))
}

const FailedFile = (props: { readonly file: File; readonly group: Group }) => (
  <li class="failed-file">
    <button
      type="button"
      class="play"
      disabled={props.file.mediaId === null}
      aria-label={words().player.playFile(props.file.name)}
      onClick={() =>
        props.file.mediaId !== null &&
        Player.toggle({ id: props.file.mediaId, name: props.file.name, seconds: undefined, type: "audio" })
      }
    >
      <Icon name="play" />
    </button>
    <div class="failed-what">
      <Show when={props.file.mediaId} fallback={<bdi class="name">{props.file.name}</bdi>}>
        {(id) => (
          <a
            class="name"
            href={`/?item=${id()}`}
            onClick={(event) => {
              event.preventDefault()
              go({ view: "library", query: "", item: id() })
            }}
          >
            <bdi>{props.file.name}</bdi>
          </a>
        )}
      </Show>
      <bdi class="folder">{props.file.folder}</bdi>
      <p>
        <bdi>{props.file.message}</bdi>
      </p>
      <p class="muted">
        {words().failures.attempts(count(props.file.attempts))} · {moment(props.file.failedAt)}
      </p>
    </div>
    <button
      type="button"
      class="button"
      onClick={() =>
        void requeue({ pipeline: props.group.pipeline, node: props.group.node, code: props.group.code, item: props.file.item })
      }
    >
      {words().failures.requeue}
      <span class="sr"> {props.file.name}</span>
    </button>
  </li>
)

/** What failed, by cause, with what to do about it. */
export const FailuresView = () => {
  const [groups, { refetch }] = createResource(() => call("failures", "groups", {}).catch(() => undefined))
  createEffect(on(Live.version, () => void refetch(), { defer: true }))
  const keyOf = ({ code, node, pipeline, retry }: Group) => `${pipeline} ${node} ${code} ${retry}`
  const [all, setAll] = createSignal<Readonly<Record<string, ReadonlyArray<File>>>>({})
  const showAll = async (group: Group) => {
    const { code, node, pipeline } = group
    const offset = all()[keyOf(group)]?.length ?? 0
    const files = await call("failures", "files", { urlParams: { code, node, pipeline, offset } })
    setAll({ ...all(), [keyOf(group)]: [...(all()[keyOf(group)] ?? []), ...files] })
  }
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
                {words().failures.inNode(group.node, group.pipeline)} · {words().failures.files(count(group.count))}
              </p>
              <p>{group.help}</p>
              <button
                type="button"
                class="button button-main"
                onClick={() => void requeue({ pipeline: group.pipeline, node: group.node, code: group.code })}
              >
                {words().failures.requeueAll}
                <span class="sr"> {group.code}</span>
              </button>
            </header>
            <ul>
              <For each={all()[keyOf(group)] ?? group.files}>{(file) => <FailedFile file={file} group={group} />}</For>
            </ul>
            <Show when={(all()[keyOf(group)] ?? group.files).length < group.count}>
              <button type="button" class="button" onClick={() => void showAll(group)}>
                {words().failures.showAll}
              </button>
            </Show>
          </section>
        )}
      </For>
    </div>
  )
}
