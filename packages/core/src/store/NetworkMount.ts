import { readFileSync, realpathSync } from "node:fs"
import { platform } from "node:os"

const NETWORK =
  /^(nfs|nfs4|cifs|smb3|smbfs|9p|afs|ceph|lustre|glusterfs|davfs|ncpfs|fuse\.(sshfs|rclone|s3fs|glusterfs|davfs2?|goofys|gcsfuse|juicefs|smbnetfs|ceph|ceph-fuse|curlftpfs))$/

const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))

/** The type of the file system that a path is on, from the text of `/proc/self/mountinfo`. */
export const typeIn = (mountInfo: string, path: string): string | undefined => {
  let best: { readonly point: string; readonly type: string } | undefined
  for (const line of mountInfo.split("\n")) {
    const [left, right] = line.split(" - ")
    const point = unescape(left?.split(" ")[4] ?? "")
    const type = right?.split(" ")[0] ?? ""
    const inside = point !== "" && (path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`))
    if (inside && point.length >= (best?.point.length ?? 0)) best = { point, type }
  }
  return best?.type
}

/** The network file system that a folder is on (`nfs4`, `cifs`); `undefined` for a local disk, and where the system doesn't say. */
export const networkFileSystem = (folder: string): string | undefined => {
  if (platform() === "win32") return folder.startsWith("\\\\") ? "share" : undefined
  if (platform() !== "linux") return undefined
  try {
    const type = typeIn(readFileSync("/proc/self/mountinfo", "utf8"), realpathSync(folder))
    return type !== undefined && NETWORK.test(type) ? type : undefined
  } catch {
    return undefined
  }
}
