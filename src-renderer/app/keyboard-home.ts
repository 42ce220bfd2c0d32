/** Where the keyboard goes when a dialog or a menu is left: to what had it before, never to nowhere. */
import { focusList } from './keys.js'

/** What comes and goes over the window. */
const PASSING = '[role=dialog], [role=alertdialog], [role=menu]'
/** What had the keyboard last of what stays. */
let home: HTMLElement | undefined

document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement && !target.closest(PASSING)) home = target
})

/**
 * To be called while a dialog or menu opens.
 * @returns for when it has been closed, as an answer to its `close-auto-focus`: brings the keyboard back to what had it, to what had it
 * before that if it was in a menu that is gone, else to the list. What has taken the keyboard meanwhile, such as a terminal, keeps it.
 */
export function keyboardReturn(): (e: Event) => void {
  const before = document.activeElement
  return (e) => {
    e.preventDefault()
    // What is left is still there.
    setTimeout(() => {
      const nowhere = (): boolean => document.activeElement === null || document.activeElement === document.body
      for (const place of [before, home]) {
        if (!nowhere()) return
        if (place instanceof HTMLElement && place.isConnected) place.focus()
      }
      if (nowhere()) focusList()
    })
  }
}
