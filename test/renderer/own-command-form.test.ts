import { expect, it } from 'vitest'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import { button, dialog, open, settle, withWindow } from './whole-window.js'

withWindow()

const fill = (id: string, text: string): void => {
  const field = dialog()!.querySelector<HTMLInputElement>(`#${id}`)!
  field.value = text
  field.dispatchEvent(new Event('input'))
}

it('a link that is being saved is kept, however soon its form is closed', async () => {
  await open('/c/drydock/pods')
  useDialogs().open({ type: 'commands' })
  await settle()
  button('New link', dialog()!)!.click()
  await settle()
  fill('own-name', 'Dashboard')
  fill('own-scopes', 'pods')
  fill('own-url', 'https://grafana.example/d?pod=$NAME')
  button('Save', dialog()!)!.click()
  button('Cancel', dialog()!)!.click()
  await settle()
  expect(useSettings().value.commands).toEqual([{ name: 'Dashboard', scopes: ['pods'], url: 'https://grafana.example/d?pod=$NAME' }])
  expect(dialog()!.textContent).toContain('Dashboard')
})
