/** Which user a container's processes run as: the pod's security context over the image's user. */
import type { ContainerConfig } from './cri.js'
import type { FileCalls } from './fs-calls.js'

export interface Identity {
  uid: number
  gid: number
  groups: number[]
  home: string
}

function lines(fs: FileCalls, path: string): string[][] {
  if (!fs.exists(path)) return []
  return fs
    .readText(path)
    .split('\n')
    .filter((l) => l && !l.startsWith('#'))
    .map((l) => l.split(':'))
}

/**
 * Resolves `uid[:gid]` or names by the container's /etc/passwd and /etc/group. Throws the runtime's error for a name
 * that is not there.
 */
export function lookupUser(
  fs: FileCalls,
  config: Pick<ContainerConfig, 'user' | 'group' | 'supplementalGroups' | 'supplementalGroupsPolicy'>,
  imageUser = '',
): Identity {
  const passwd = lines(fs, '/etc/passwd')
  const groups = lines(fs, '/etc/group')
  const [userText = '', groupText] = config.user !== undefined ? [String(config.user)] : imageUser.split(':')
  let row = passwd.find((r) => r[0] === userText)
  let uid = 0
  if (userText === '') row = passwd.find((r) => r[2] === '0')
  else if (row) uid = Number(row[2])
  else if (/^\d+$/.test(userText)) {
    uid = Number(userText)
    row = passwd.find((r) => r[2] === userText)
  } else throw new Error(`failed to create containerd container: unable to find user ${userText}: no matching entries in passwd file`)
  let gid = Number(row?.[3] ?? 0)
  if (groupText !== undefined) {
    const found = groups.find((g) => g[0] === groupText)
    if (found) gid = Number(found[2])
    else if (/^\d+$/.test(groupText)) gid = Number(groupText)
    else throw new Error(`failed to create containerd container: unable to find group ${groupText}: no matching entries in group file`)
  }
  if (config.group !== undefined) gid = config.group
  const name = row?.[0]
  const strict = config.supplementalGroupsPolicy === 'Strict'
  const member = groups.filter((g) => !strict && name && (g[3] ?? '').split(',').includes(name)).map((g) => Number(g[2]))
  const all = new Set([gid, ...member, ...(config.supplementalGroups ?? [])])
  return { uid, gid, groups: [...all], home: row?.[5] || '/' }
}
