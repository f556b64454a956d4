import { BlockList, isIP } from "node:net"

/** Addresses that are nobody's on the internet: RFC 1918, 6598, 3927, 5735, 4193, 4291. */
const ranges = new BlockList()
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3]
] as const)
  ranges.addSubnet(network, bits, "ipv4")
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8]
] as const)
  ranges.addSubnet(network, bits, "ipv6")

/** Whether an IP address, or `localhost`, is of this machine or its network. Any other name is not. */
export const isPrivate = (host: string): boolean => {
  const version = isIP(host)
  if (version === 0) return host === "localhost" || host.endsWith(".localhost")
  return ranges.check(host, version === 4 ? "ipv4" : "ipv6")
}
