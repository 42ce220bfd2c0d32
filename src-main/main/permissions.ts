/** What pages may ask of the browser: writing to the clipboard, and nothing else. */
import type { Session } from 'electron'

const allowed: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export function limitPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => callback(allowed.has(permission)))
  session.setPermissionCheckHandler((_contents, permission) => allowed.has(permission))
  session.setDevicePermissionHandler(() => false)
}
