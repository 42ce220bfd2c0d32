import { expect, it, vi } from 'vitest'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import FakeEditor from './fake-code-editor.js'
import { app, button, fake, open, settle, withWindow } from './whole-window.js'

vi.mock('../../src-renderer/editor/CodeEditor.vue', () => import('./fake-code-editor.js'))
withWindow()

const bar = () => app.find('.details .yaml [role=toolbar]')
const state = (name: string) => {
  const { disabled, title } = button(name, bar().element)!
  return { disabled, title }
}
async function type(text: string): Promise<void> {
  await vi.dynamicImportSettled()
  await settle()
  const editor = app.getComponent(FakeEditor)
  editor.vm.$emit('update:modelValue', `${editor.props('modelValue')}${text}`)
  await settle()
}

it('the editor says why nothing can be saved: where the user may not change the object', async () => {
  fake.denied.add('patch configmaps')
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config&tab=yaml')
  await type('# more\n')
  const why = 'Not allowed: no RBAC policy matched'
  expect([state('Save'), state('Dry run')]).toEqual([
    { disabled: true, title: why },
    { disabled: true, title: why },
  ])
  expect(bar().find('[role=status]').text()).toBe(why)
})

it('the editor says why nothing can be saved: where the cluster is read-only', async () => {
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config&tab=yaml')
  await type('# more\n')
  expect(state('Save')).toEqual({ disabled: false, title: '' })
  useContexts().choose('drydock', { protection: 'read-only' })
  await settle()
  expect(state('Save')).toEqual({ disabled: true, title: 'This cluster is read-only (its protection is set in the catalogue).' })
})
