import { expect, it, vi } from 'vitest'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { fakeContexts } from './fake-contexts.js'
import { app, fake, names, open, settle, withWindow } from './whole-window.js'

withWindow()

it('an open context tells at the bottom that its server is not checked, and whom its user acts as', async () => {
  const real = fakeContexts.find((c) => !c.embedded && !c.problem)!
  await open(`/c/${real.id}/pods`)
  expect(app.find('.status-bar').text()).not.toContain('TLS not checked')
  for (const s of fake.open('contexts')) s.emit(fakeContexts.map((c) => (c === real ? { ...c, insecure: true, as: 'jane' } : c)))
  await settle()
  expect(app.find('.status-bar').text()).toContain('TLS not checked')
  expect(app.find('.status-bar').text()).toContain('as jane')
})

it('an open context whose file has it no more stays open, says so, and goes when it is closed', async () => {
  const real = fakeContexts.find((c) => !c.embedded && !c.problem && c.id !== 'prod-eu')!
  await open(`/c/${real.id}/pods?ns=shop`)
  const rows = names().length
  expect(rows).toBeGreaterThan(0)
  const tell = async (contexts: typeof fakeContexts) => {
    for (const s of fake.open('contexts')) s.emit(contexts)
    await settle()
  }
  const rest = fakeContexts.filter((c) => c.id !== real.id)
  await tell(rest)
  expect(app.find('.status-bar').text()).toContain(`There is no context "${real.name}" in ${real.source} any more.`)
  expect(names()).toHaveLength(rows)
  expect(app.find('nav[aria-label="Kinds"]').exists()).toBe(true)
  // Why its file cannot be read says more.
  const torn = { reason: 'Kubeconfig', message: 'config is not YAML.' }
  await tell([...rest, { ...real, id: real.source, name: 'config', problem: torn }])
  expect(app.find('.status-bar').text()).toContain('config is not YAML.')
  await tell(fakeContexts)
  expect(app.find('.status-bar').text()).not.toContain('config is not YAML.')
  await tell(rest)
  await useContexts().leave(real.id)
  expect(useContexts().get(real.id)).toBeUndefined()
})

it('where a token has expired under open lists, the login is offered at the bottom and leads to the page of the provider', async () => {
  const real = fakeContexts.find((c) => !c.embedded && !c.problem)!
  await open(`/c/${real.id}/pods`)
  const error = { reason: 'Login', message: 'The token has expired.' }
  fake.setConnection(real.id, { phase: 'stale', version: 'v1.36.0', error })
  await settle()
  const bar = app.find('.status-bar')
  const opened = vi.spyOn(window, 'open').mockReturnValue(null)
  await bar
    .findAll('button')
    .find((b) => b.text() === 'Log in')!
    .trigger('click')
  await settle()
  fake.open('login')[0]!.emit({ url: 'https://login.example.com/auth' })
  await settle()
  expect(opened).toHaveBeenCalledWith('https://login.example.com/auth', '_blank', 'noopener')
  expect(bar.text()).toContain('Waiting for the login in the browser')
  expect(bar.find('a').attributes('href')).toBe('https://login.example.com/auth')
  await bar
    .findAll('button')
    .find((b) => b.text() === 'Cancel')!
    .trigger('click')
  await settle()
  expect(fake.open('login')).toHaveLength(0)
  expect(bar.text()).toContain('Log in')
})
