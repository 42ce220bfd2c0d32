/** Links leave the app: they are opened by the person's own browser, and only those of the web. */
import { shell } from 'electron'

/** Whether a link may be handed to the operating system: other schemes start programs. */
export function isWebLink(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol)
  } catch {
    return false
  }
}

/** Opens a link of the web in the person's browser; does nothing with others. */
export function openOutside(url: string): void {
  if (isWebLink(url)) void shell.openExternal(url)
}
