/** The network programs by name, for images to place under /bin or /usr/bin. */
import type { Program } from '../../process.js'
import { curl } from './curl.js'
import { ifconfig, ip, netstat, route, ss, traceroute } from './interfaces.js'
import { dig, getent, host, nslookup } from './names.js'
import { nc } from './nc.js'
import { ping } from './ping.js'
import { wget } from './wget.js'

/** What busybox brings. */
export const busyboxNetworkPrograms: Readonly<Record<string, Program>> = {
  ifconfig,
  ip,
  nc,
  netstat,
  nslookup,
  ping,
  route,
  traceroute,
  wget,
}

/** What distributions and toolboxes bring as packages of their own. */
export const extraNetworkPrograms: Readonly<Record<string, Program>> = { curl, dig, getent, host, ss }
