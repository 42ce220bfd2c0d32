import { describe, expect, it } from 'vitest'
import { app, fake, open, press, settle, withWindow } from './whole-window.js'

withWindow()

const shown = () => app.find('.trigger').text()
const options = () => [...document.querySelectorAll('.namespaces [role=option]')].map((o) => o.querySelector('.ellipsis')!.textContent)
/** Holds the list of namespaces back. @returns what lets it come */
function holdNamespaces(): () => void {
  let release = (): void => {}
  fake.heldLists.set('namespaces', new Promise<void>((resolve) => (release = resolve)))
  return release
}
async function type(text: string): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('.namespaces input')!
  input.focus()
  input.value = text
  input.dispatchEvent(new Event('input'))
  await settle(5)
}
async function openChoice(): Promise<void> {
  press('n')
  await settle()
}

describe('the choice of namespaces', () => {
  it('does what was asked for before the namespaces were known once they are', async () => {
    await open('/c/drydock/pods?ns=default')
    const release = holdNamespaces()
    await openChoice()
    await type('sho')
    press(' ', { ctrlKey: true })
    await settle()
    expect(shown()).toBe('default')
    release()
    await settle()
    expect(shown()).toBe('default, shop')
  })

  it('takes a name that was typed in full before it is known that namespaces may not be listed', async () => {
    fake.denied.add('list namespaces')
    await open('/c/drydock/pods?ns=default')
    const release = holdNamespaces()
    await openChoice()
    await type('crew')
    press('Enter')
    release()
    await settle()
    expect(shown()).toBe('crew')
  })

  it('forgets a key that was pressed too early when something else is typed', async () => {
    await open('/c/drydock/pods?ns=default')
    const release = holdNamespaces()
    await openChoice()
    await type('sho')
    press(' ', { ctrlKey: true })
    await type('kube')
    release()
    await settle()
    expect(shown()).toBe('default')
  })

  it('has what is typed in full first, before names that have it within them', async () => {
    await open('/c/drydock/pods')
    const one = fake.find('namespaces', undefined, 'shop')
    fake.upsert('namespaces', { ...one, metadata: { ...one.metadata, name: 'a-shop', uid: 'a-shop' } })
    await openChoice()
    await type('shop')
    expect(options()).toEqual(['shop', 'a-shop'])
    press('Enter')
    await settle()
    expect(shown()).toBe('shop')
  })
})
