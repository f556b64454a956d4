import { createSignal } from "solid-js"
import { call, Problem, setToken } from "./ApiClient.js"

export type SessionState = "opening" | "open" | "used" | "wrong" | "busy" | "closed"

const [session, setSession] = createSignal<SessionState>("opening")
export { session }

const signIn = async (payload: { readonly code: string } | { readonly password: string }): Promise<void> => {
  try {
    setToken((await call("session", "open", { payload })).token)
    setSession("open")
  } catch (cause) {
    const status = cause instanceof Problem ? cause.status : 0
    setSession(status === 429 ? "busy" : "password" in payload ? "wrong" : "used")
  }
}

export const signInWithPassword = (password: string): Promise<void> => signIn({ password })

/** Whether the session still holds; asked when the server refuses, or comes back. */
export const check = async (): Promise<void> => {
  try {
    setToken((await call("session", "get", {})).token)
    setSession("open")
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 401) setSession(session() === "opening" ? "closed" : "used")
  }
}

/** Signs in with the code of the link, which then leaves the address bar, or with the cookie that is there. */
export const open = async (): Promise<void> => {
  const url = new URL(location.href)
  const code = url.searchParams.get("code")
  if (code === null) return check()
  url.searchParams.delete("code")
  history.replaceState(null, "", url)
  await signIn({ code })
  // A link that is opened a second time, in a window that is signed in already.
  if (session() === "used") {
    setSession("opening")
    await check()
    if (session() === "closed") setSession("used")
  }
}
