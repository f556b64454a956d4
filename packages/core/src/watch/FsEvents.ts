import { FSWatcher } from "chokidar"
import { lstatSync } from "node:fs"
import { basename, dirname, join, relative, sep } from "node:path"
import { isIgnored } from "../scan/IgnoredName.js"

/** What a {@link FsEvents} tells. Paths are relative to its folder, with `/` between the segments. */
export interface Listener {
  readonly touched: (path: string) => void
  readonly listed: (folder: string) => void
  readonly ready: () => void
  readonly trouble: (code: string) => void
}

type Entries = NonNullable<ReturnType<FSWatcher["_readdirp"]>>

/**
 * chokidar, listening to folders only. Left to itself it looks at every file and remembers it: for 100,000 files that takes
 * seconds, hundreds of megabytes and a watch each, of which Linux grants a limited number. Here it sees the folders of a folder,
 * and the system's own events tell of the files in them.
 */
export class FsEvents extends FSWatcher {
  private isReady = false
  /** The folders that are listened to, and which ones they were when that began: another of the same name is another folder. */
  private readonly identities = new Map<string, string | undefined>()

  constructor(
    private readonly folder: string,
    without: ReadonlyArray<string>,
    private readonly listener: Listener
  ) {
    const ignores = (path: string) =>
      path !== folder && (isIgnored(basename(path)) || without.some((other) => path === other || path.startsWith(other + sep)))
    super({ ignoreInitial: true, followSymlinks: false, ignored: ignores, ignorePermissionErrors: true })
    this.on("raw", (_event, name, details) => this.happened(details, name))
    this.on("error", (error) => listener.trouble(codeOf(error)))
    this.on("ready", () => {
      this.isReady = true
      listener.ready()
    })
    this.add(folder)
  }

  /** Folders only, by what the listing itself tells: no look at any entry. */
  override _readdirp(root: string, options?: Parameters<FSWatcher["_readdirp"]>[1]): Entries | undefined {
    const entries = super._readdirp(root, { ...options, type: "directories", alwaysStat: false, fileFilter: () => false })
    // chokidar's own listener, which comes after this one, asks only whether the entry is a link.
    entries?.prependListener("data", (entry: { stats?: unknown; dirent?: unknown }) => (entry.stats ??= entry.dirent))
    return entries
  }

  /** chokidar calls it when it has begun to listen to a folder: what came into it before that must be looked up. */
  override _addPathCloser(path: string, closer: () => void): void {
    super._addPathCloser(path, closer)
    this.identities.set(path, identityOf(path))
    if (this.isReady) this.listener.listed(this.below(path))
  }

  override _closePath(path: string): void {
    this.identities.delete(path)
    super._closePath(path)
  }

  /**
   * Listens to the folder that took the place of another one. chokidar goes by the names in the folder above: for it nothing has
   * changed, and it stays with the one that was moved away or removed.
   */
  private follow(path: string): void {
    const known = this.identities.get(path)
    const now = known === undefined ? undefined : identityOf(path)
    if (now === undefined || now === known) return
    this._remove(dirname(path), basename(path), true)
    this.add(path)
  }

  private below(path: string): string {
    return relative(this.folder, path).split(sep).join("/")
  }

  private happened(details: unknown, name: string | null | undefined): void {
    const watched = typeof details === "object" && details !== null && "watchedPath" in details ? details.watchedPath : undefined
    if (typeof watched !== "string") return
    const folder = this.below(watched)
    if (typeof name === "string") this.follow(join(watched, name))
    // A name that is no UTF-8 comes mutilated.
    if (typeof name !== "string" || name.includes("\ufffd")) this.listener.listed(folder)
    else if (!isIgnored(name)) this.listener.touched(folder === "" ? name : `${folder}/${name}`)
  }
}

/** Which folder it is; `undefined` for none. Numbers of inodes are used again, by some file systems at once: the time of birth differs. */
const identityOf = (path: string): string | undefined => {
  try {
    const found = lstatSync(path)
    return found.isDirectory() ? [found.dev, found.ino, found.birthtimeMs].join(":") : undefined
  } catch {
    // Gone again, or not for us to see: chokidar tells what it meets there.
    return undefined
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error ? ("code" in error && typeof error.code === "string" ? error.code : error.message) : String(error)
