/** Names of users and groups by /etc/passwd and /etc/group. */
import type { FileCalls } from '../fs-calls.js'

export interface Account {
  name: string
  id: number
  gid: number
  members: string[]
  home: string
}

function read(fs: FileCalls, path: string): string[][] {
  if (!fs.exists(path)) return []
  return fs
    .readText(path)
    .split('\n')
    .filter(Boolean)
    .map((l) => l.split(':'))
}

export function users(fs: FileCalls): Account[] {
  return read(fs, '/etc/passwd').map((f) => ({ name: f[0]!, id: Number(f[2]), gid: Number(f[3]), members: [], home: f[5] ?? '/' }))
}

export function groups(fs: FileCalls): Account[] {
  return read(fs, '/etc/group').map((f) => ({
    name: f[0]!,
    id: Number(f[2]),
    gid: Number(f[2]),
    members: (f[3] ?? '').split(',').filter(Boolean),
    home: '',
  }))
}

/** Names instead of numbers, where there are any. Reads the files once. */
export function nameTable(fs: FileCalls): { user: (id: number) => string; group: (id: number) => string } {
  // Of several with a number, the first gives its name.
  const u = new Map(users(fs).reverse().map((a) => [a.id, a.name])) // prettier-ignore
  const g = new Map(groups(fs).reverse().map((a) => [a.id, a.name])) // prettier-ignore
  return { user: (id) => u.get(id) ?? String(id), group: (id) => g.get(id) ?? String(id) }
}
