/**
 * Names that are never taken, whatever `include` says: dotfiles (so rsync's `.name.XXXXXX`, `.~tmp~` and Syncthing's
 * `.syncthing.name.tmp` too), Office's `~$name`, and what browsers and copying programs call a file that isn't whole yet.
 */
const ignored = /^(?:\.|~\$|~syncthing~)|\.(?:part|partial|crdownload|filepart|tmp)$/i

/** Whether a file or folder of this name (one segment) is left alone. */
export const isIgnored = (name: string): boolean => ignored.test(name)
