import { createSignal, Show } from "solid-js"
import * as Session from "../api/Session.js"
import { words } from "../words/Locale.js"

/** For a window that has no session: how to get one. */
export const SignIn = () => {
  const [password, setPassword] = createSignal("")
  const problem = () => {
    const { signIn } = words()
    switch (Session.session()) {
      case "used":
        return signIn.used
      case "wrong":
        return signIn.wrong
      case "busy":
        return signIn.busy
      default:
        return undefined
    }
  }
  return (
    <main class="centre">
      <h1>{words().signIn.title}</h1>
      <div role="alert">
        <Show when={problem()}>{(text) => <p class="problem">{text()}</p>}</Show>
      </div>
      <p>{words().signIn.how}</p>
      <pre class="command">
        <code>spool serve --link</code>
      </pre>
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault()
          void Session.signInWithPassword(password())
        }}
      >
        <label for="password">{words().signIn.orPassword}</label>
        <div class="line">
          <input
            id="password"
            type="password"
            autocomplete="current-password"
            required
            value={password()}
            onInput={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          <button type="submit" class="button button-main">
            {words().signIn.open}
          </button>
        </div>
      </form>
    </main>
  )
}
