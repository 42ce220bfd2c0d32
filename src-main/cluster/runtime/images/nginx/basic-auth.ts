/** Passwords before a location: auth_basic, with the users of a file. */
import { checkPassword } from '../ingress-nginx/htpasswd.js'
import type { Request } from './request.js'

/** What came of it: let in, or refused with a status, and what the error log is told. */
export type Admission = { admitted: true } | { admitted: false; status: 401 | 403 | 500; level?: string; message?: string }

/** Whether a request names a user of the file with the right password; asks for one with 401. */
export function admission(request: Request): Admission {
  const { authBasic, authUsers } = request.settings
  const realm = request.expand(authBasic ?? 'off')
  if (realm === 'off') return { admitted: true }
  const ask = (message?: string): Admission => {
    request.res.setHeader('WWW-Authenticate', `Basic realm="${realm}"`)
    return { admitted: false, status: 401, ...(message === undefined ? {} : { level: 'error', message }) }
  }
  const sent = /^Basic\s+(\S+)/i.exec(request.req.headers.authorization ?? '')?.[1]
  const [, user, password = ''] = /^([^:]+):(.*)$/s.exec(Buffer.from(sent ?? '', 'base64').toString()) ?? []
  if (user === undefined) return ask()
  request.user = user
  const path = request.expand(authUsers ?? '')
  let lines: string[]
  try {
    lines = Buffer.from(request.worker.fs.readFile(path)).toString().split('\n')
  } catch (error) {
    const { code } = error as { code?: string }
    const missing = code === 'ENOENT'
    const why = missing ? '2: No such file or directory' : code === 'EACCES' ? '13: Permission denied' : '21: Is a directory'
    return { admitted: false, status: missing ? 403 : 500, level: missing ? 'error' : 'crit', message: `open() "${path}" failed (${why})` }
  }
  const line = lines.find((each) => each.startsWith(`${user}:`))
  if (line === undefined) return ask(`user "${user}" was not found in "${path}"`)
  const hash = line.trimEnd().split(':')[1] ?? ''
  return checkPassword(password, hash) ? { admitted: true } : ask(`user "${user}": password mismatch`)
}
