import { createEffect, lazy, Match, onMount, Show, Switch } from "solid-js"
import * as Live from "../api/Live.js"
import * as Session from "../api/Session.js"
import { FirstRun } from "../start/FirstRun.js"
import { SignIn } from "../start/SignIn.js"
import { LibraryView } from "../library/LibraryView.js"
import { PlayerBar } from "../player/PlayerBar.js"
import * as Player from "../player/Player.js"
import { language, words } from "../words/Locale.js"
import { useKeys } from "./Keys.js"
import { KeysDialog, showKeys } from "./KeysDialog.js"
import { Navigation } from "./Navigation.js"
import { Notice } from "./Notice.js"
import { go, route } from "./Route.js"
import * as Theme from "./Theme.js"

const ReviewView = lazy(() => import("../review/ReviewView.js").then(({ ReviewView }) => ({ default: ReviewView })))
const RunView = lazy(() => import("../runs/RunView.js").then(({ RunView }) => ({ default: RunView })))
const DuplicatesView = lazy(() =>
  import("../duplicates/DuplicatesView.js").then(({ DuplicatesView }) => ({ default: DuplicatesView }))
)
const FailuresView = lazy(() => import("../failures/FailuresView.js").then(({ FailuresView }) => ({ default: FailuresView })))

/** Keys that hold in every view. */
const Keys = () => {
  useKeys({
    "?": () => void showKeys(true),
    "g l": () => go({ view: "library" }),
    "g r": () => go({ view: "run" }),
    "g v": () => go({ view: "review" }),
    "g f": () => go({ view: "failures" }),
    "g d": () => go({ view: "duplicates" }),
    " ": () => (Player.track() === undefined ? false : Player.toggle()),
    ArrowLeft: () => (Player.track() === undefined ? false : Player.seek(Player.position() - 5)),
    ArrowRight: () => (Player.track() === undefined ? false : Player.seek(Player.position() + 5)),
    "Shift+ArrowLeft": () => (Player.track() === undefined ? false : Player.seek(Player.position() - 1)),
    "Shift+ArrowRight": () => (Player.track() === undefined ? false : Player.seek(Player.position() + 1)),
    "[": () => Player.sentence(-1),
    "]": () => Player.sentence(1)
  })
  return null
}

const Signed = () => {
  onMount(() => {
    Live.listen()
    void Live.refresh()
  })
  // What is there stays readable while the library is away: only what never was is another page.
  const isFirst = () => {
    const overview = Live.overview()
    if (overview === undefined || route().view !== "library" || overview.library === "away") return false
    // A plan has made the library's file already, and a run that begins has put nothing into it so far.
    const hasRun = Live.runs()?.pipelines.some(({ run }) => run !== null && run.outcome !== "running") === true
    return overview.library === "absent" || (overview.counts.files === 0 && overview.counts.failures === 0 && !hasRun)
  }
  return (
    <>
      <Keys />
      <a class="skip" href="#content">
        {words().skip}
      </a>
      <Navigation />
      <Notice />
      <main id="content" class="content" tabindex="-1">
        <Switch>
          <Match when={isFirst()}>
            <FirstRun />
          </Match>
          <Match when={route().view === "library"}>
            <LibraryView />
          </Match>
          <Match when={route().view === "review"}>
            <ReviewView />
          </Match>
          <Match when={route().view === "run"}>
            <RunView />
          </Match>
          <Match when={route().view === "duplicates"}>
            <DuplicatesView />
          </Match>
          <Match when={route().view === "failures"}>
            <FailuresView />
          </Match>
        </Switch>
      </main>
      <PlayerBar />
      <KeysDialog />
    </>
  )
}

export const App = () => {
  onMount(() => void Session.open())
  createEffect(() => {
    document.documentElement.lang = language() === "zh" ? "zh-Hans" : "en"
    document.title = `${words().views[route().view]} · ${words().app}`
    Theme.apply()
  })
  return (
    <Show when={Session.session() !== "opening"}>
      <Show when={Session.session() === "open"} fallback={<SignIn />}>
        <Signed />
      </Show>
    </Show>
  )
}
