import { createEffect, createMemo, createResource, createSignal, For, on, onCleanup, Show } from "solid-js"
import { call } from "../api/ApiClient.js"
import * as Live from "../api/Live.js"
import { trackOf } from "../item/ItemPanel.js"
import { Said, type Word } from "../item/Said.js"
import { Icon } from "../layout/Icon.js"
import { useKeys } from "../layout/Keys.js"
import { go, route } from "../layout/Route.js"
import { waveOf } from "../player/Peaks.js"
import * as Player from "../player/Player.js"
import { type Region, Waveform } from "../player/Waveform.js"
import { clock, count, duration, words } from "../words/Locale.js"
import { isJudging, Judging, undo } from "./Judging.js"
import { Reason, reasonName } from "./Reason.js"

const unsaid: Word = {
  pipeline: "",
  node: "",
  kind: "caption",
  model: "",
  provider: "",
  language: null,
  texts: [],
  tags: [],
  correction: null,
  doubts: []
}

/** What the pace is guessed from before there is one. */
const SECONDS_EACH = 20

/** One doubtful thing at a time: hear it, see why, answer with one key. */
export const ReviewView = () => {
  const [queue, { refetch }] = createResource(
    () => route().reason ?? "",
    (reason) => call("review", "queue", { urlParams: { limit: 20, ...(reason === "" ? {} : { reason }) } }).catch(() => undefined)
  )
  createEffect(on([Live.version, isJudging], () => !isJudging() && void refetch(), { defer: true }))
  const current = createMemo(() => queue.latest?.next[0], undefined, {
    equals: (a, b) => a?.mediaId === b?.mediaId && a?.pipeline === b?.pipeline && a?.node === b?.node
  })
  const [details, { refetch: again }] = createResource(
    () => current()?.mediaId,
    (id) => call("items", "details", { path: { id } }).catch(() => undefined)
  )
  // Until the next file is here, the last one's words are nothing to judge.
  const word = () =>
    details.latest?.id !== current()?.mediaId
      ? undefined
      : details.latest?.words.find(({ node, pipeline }) => node === current()?.node && pipeline === current()?.pipeline)
  const [editing, setEditing] = createSignal<Region>()
  const [drawn, setDrawn] = createSignal<Region>()
  createEffect(on(current, () => (setEditing(undefined), setDrawn(undefined))))
  let article: HTMLElement | undefined
  // What was in focus has gone with the thing that was judged: the next one takes it, and is read out.
  createEffect(
    on(
      current,
      (_, before) => {
        if (before === undefined) return
        queueMicrotask(() => {
          if (document.activeElement === document.body) article?.focus({ preventScroll: true })
        })
      },
      { defer: true }
    )
  )

  const doubtful = (): ReadonlyArray<Region> =>
    (current()?.doubts ?? []).flatMap(({ endSeconds, startSeconds }) =>
      startSeconds === null ? [] : [{ start: startSeconds, end: endSeconds ?? startSeconds }]
    )
  const regions = () => (editing() === undefined ? doubtful() : [drawn() ?? editing() ?? { start: 0, end: 0 }])
  const hear = () => {
    const found = details.latest
    if (found === undefined) return
    Player.toggle(trackOf(found))
    const [region] = regions()
    if (Player.track()?.id === found.id && region !== undefined) Player.repeat(region)
  }
  useKeys({ " ": () => hear(), z: () => void undo() })
  onCleanup(() => Player.repeat(undefined))

  const done = () => {
    void refetch()
    void again()
  }
  const pace = () => {
    const found = queue.latest
    if (found === undefined || found.total === 0) return ""
    return words().review.pace(duration(found.total * (found.secondsEach ?? SECONDS_EACH)))
  }
  return (
    <div class="view review">
      <div class="view-head">
        <h2>{words().review.title}</h2>
        <Show when={queue.latest}>
          {(found) => (
            <p class="muted" role="status">
              {words().review.left(count(found().total))}
              <Show when={found().total > 0}> · {pace()}</Show>
              <Show when={found().judgedToday > 0}> · {words().review.judged(count(found().judgedToday))}</Show>
            </p>
          )}
        </Show>
        <div class="line">
          <label>
            <span class="sr">{words().review.reason}</span>
            <select
              value={route().reason ?? ""}
              onChange={({ currentTarget: { value } }) => go({ reason: value === "" ? undefined : value })}
            >
              <option value="">{words().review.all}</option>
              <For each={queue.latest?.reasons ?? []}>
                {({ count: times, reason }) => (
                  <option value={reason}>
                    {reasonName(reason)} ({count(times)})
                  </option>
                )}
              </For>
            </select>
          </label>
          <a class="button" href="/api/corrections/tests.yaml" download="tests.yaml">
            {words().review.tests}
          </a>
        </div>
      </div>
      <Show
        when={current()}
        fallback={
          <Show when={!queue.loading}>
            <div class="empty">
              <p>{words().review.empty}</p>
              <p class="muted">{words().review.emptyHelp}</p>
            </div>
          </Show>
        }
      >
        {(doubted) => (
          <article ref={article} class="review-one" aria-label={doubted().name} tabindex="-1">
            <h3 class="item-name">
              <bdi>{doubted().name}</bdi>
            </h3>
            <div class="reasons">
              <For each={doubted().doubts.filter(({ reason }) => reason !== "")}>{(doubt) => <Reason doubt={doubt} />}</For>
            </div>
            <Show when={details.latest}>
              {(found) => (
                <>
                  <div class="review-wave">
                    <button
                      type="button"
                      class="play play-large"
                      aria-label={
                        Player.isPlaying() && Player.track()?.id === found().id
                          ? words().player.pauseFile(found().name)
                          : words().player.playFile(found().name)
                      }
                      onClick={hear}
                    >
                      <Icon name={Player.isPlaying() && Player.track()?.id === found().id ? "pause" : "play"} />
                    </button>
                    <Waveform
                      wave={waveOf(found().id)}
                      seconds={trackOf(found()).seconds}
                      played={Player.track()?.id === found().id && Player.length() > 0 ? Player.position() / Player.length() : 0}
                      regions={regions()}
                      seek={(seconds) => {
                        Player.play(trackOf(found()), seconds)
                        Player.seek(seconds)
                      }}
                      draw={editing() === undefined ? undefined : setDrawn}
                    />
                    <span class="muted time">{clock(trackOf(found()).seconds ?? 0)}</span>
                  </div>
                  <Show when={editing() !== undefined}>
                    <p class="muted">{words().review.regionHint}</p>
                  </Show>
                  <Show
                    when={word() !== undefined ? `${doubted().mediaId} ${doubted().pipeline} ${doubted().node}` : undefined}
                    keyed
                  >
                    {(_) => (
                      <Judging
                        mediaId={found().id}
                        word={word() ?? unsaid}
                        seconds={trackOf(found()).seconds}
                        changed={done}
                        keys
                        region={setEditing}
                        drawn={drawn()}
                      >
                        <Said
                          word={word() ?? unsaid}
                          isCurrent={Player.track()?.id === found().id}
                          seek={(seconds) => {
                            Player.play(trackOf(found()), seconds)
                            Player.seek(seconds)
                          }}
                        />
                      </Judging>
                    )}
                  </Show>
                </>
              )}
            </Show>
          </article>
        )}
      </Show>
    </div>
  )
}
