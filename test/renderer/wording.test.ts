import { afterEach, expect, it } from 'vitest'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { useNotices } from '../../src-renderer/stores/notices.js'
import { useToasts } from '../../src-renderer/stores/toasts.js'
import { app, button, dialog, fake, open, settle, withWindow } from './whole-window.js'

withWindow()
afterEach(() => {
  i18n.global.locale.value = 'en'
})

const speak = (language: 'en' | 'zh-CN'): Promise<void> => {
  i18n.global.locale.value = language
  return settle(0)
}
const texts = (selector: string) => [...document.querySelectorAll(selector)].map((x) => x.textContent.trim())
const toast = () => texts('.toasts .toast p:first-child, .toasts .toast .text > button')
const notices = () => texts('.notices .what p')

it('a change of the language rewords the toasts that are open and what the notification centre holds', async () => {
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config')
  const error = { reason: 'Unreachable', message: 'The connection was refused.', sentence: { code: 'connectionRefused' as const } }
  fake.setConnection('drydock', { phase: 'stale', error })
  await settle()
  fake.setConnection('drydock', { phase: 'live' })
  await settle()
  button('Delete', app.find('.details').element)!.click()
  await settle()
  button('Delete', dialog()!)!.click()
  await settle()
  app.find('.bell').element.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  await settle(50)
  expect(toast()).toEqual(['ConfigMap app-config deleted', 'Undo'])
  const english = [
    'ConfigMap app-config deleted',
    'drydock is connected again',
    'The connection to drydock is lost',
    'The connection was refused.',
  ]
  expect(notices()).toEqual(english)

  await speak('zh-CN')
  expect(toast()).toEqual(['ConfigMap app-config 已删除', '撤销'])
  expect(notices()).toEqual([
    'ConfigMap app-config 已删除',
    'drydock 已重新连接',
    '与 drydock 的连接已断开',
    '连接被拒绝：该地址没有服务在监听。',
  ])
  button('撤销')!.click()
  await settle(50)
  const undone = () => [toast()[0], notices()[0]]
  expect(undone()).toEqual(['已撤销删除：ConfigMap app-config', '已撤销删除：ConfigMap app-config'])

  await speak('en')
  expect(undone()).toEqual(['Delete undone: ConfigMap app-config', 'Delete undone: ConfigMap app-config'])
  expect(notices().slice(1)).toEqual(english)
})

it('what happened again after the language has changed is still one notice', async () => {
  await open('/c/drydock/pods')
  const tell = (): void => useToasts().ok(() => i18n.global.t('dialog.deleted', { name: 'Pod web' }))
  tell()
  await speak('zh-CN')
  tell()
  expect(useNotices().list.map((n) => [n.text(), n.count])).toEqual([['Pod web 已删除', 2]])
})

it('a question that is open is asked in the language of the window', async () => {
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config')
  app.find('.details [aria-label="Delete CURRENCY"]').element.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  await settle()
  const asked = () => texts('[role=dialog] h2, [role=dialog] p, [role=dialog] .button')
  expect(asked()).toEqual([
    'Delete CURRENCY',
    'The key is taken out of app-config. Pods that refer to it will not start again.',
    'Cancel',
    'Delete',
  ])
  await speak('zh-CN')
  expect(asked()).toEqual(['删除 CURRENCY', '该键将从 app-config 中移除。引用它的 Pod 将无法再次启动。', '取消', '删除'])
})
