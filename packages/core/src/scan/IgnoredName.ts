/**
 * Names that are never taken, whatever `include` says: dotfiles (so rsync's `.name.XXXXXX`, `.~tmp~` and Syncthing's
 * `.syncthing.name.tmp` too), Office's `~$name`, what browsers and copying programs call a file that isn't whole yet, and Mediaspool's
 * own config, which often lies in the folder.
 */
const ignored =
  /^(?:\.|~\$|~syncthing~)|\.(?:part|partial|crdownload|filepart|tmp)$|^spool\.(?:ya?ml|schema\.json|config\.m?[jt]s)$/i

/** Whether a file or folder of this name (one segment) is left alone. */
export const isIgnored = (name: string): boolean => ignored.test(name)
