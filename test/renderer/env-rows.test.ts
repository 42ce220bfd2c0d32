import { mount } from '@vue/test-utils'
import { computed } from 'vue'
import { expect, it } from 'vitest'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import EnvFromInput from '../../src-renderer/create/fields/EnvFromInput.vue'
import EnvInput from '../../src-renderer/create/fields/EnvInput.vue'
import { formContextKey, type FormContext } from '../../src-renderer/create/form-context.js'
import type { Path, Value } from '../../src-renderer/create/yaml-text.js'

const path = ['spec', 'env']

/** A field of a form in which `problem` is wrong, and what it writes. */
function field(component: typeof EnvInput | typeof EnvFromInput, value: Value, problem?: { at: Path; text: string }) {
  const written: { path: Path; value: Value }[] = []
  const form = {
    context: 'drydock',
    object: computed(() => ({})),
    change: (changes: typeof written) => void written.push(...changes),
    problem: (at: Path) => (problem && at.join('/') === problem.at.slice(0, at.length).join('/') ? problem.text : undefined),
    choices: {
      want: () => undefined,
      names: (kind: string) => (kind === 'secrets' ? ['web-secret'] : ['web-config', 'other']),
      objects: () => [{ metadata: { name: 'web-secret' }, data: { password: 'eA==' } }],
    },
  } as unknown as FormContext
  const wrapper = mount(component as typeof EnvInput, {
    props: { path, value },
    global: { plugins: [i18n], provide: { [formContextKey as symbol]: form } },
  })
  return { wrapper, written }
}
const options = (e: Element): string[] => [...e.querySelectorAll('option')].map((o) => o.getAttribute('value')!)

it('variables are edited row by row, with the Secrets that there are and their keys', async () => {
  const { wrapper, written } = field(EnvInput, [
    { name: 'MODE', value: 'plain' },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web-secret', key: '' } } },
  ])
  const rows = wrapper.findAll('[role=group]')
  expect(rows.map((r) => r.attributes('aria-label'))).toEqual(['MODE', 'PASSWORD'])
  expect(rows[1]!.findAll('datalist').map((d) => options(d.element))).toEqual([['web-secret'], ['password']])
  await rows[1]!.findAll('input')[2]!.setValue('password')
  await rows[0]!.find('select').setValue('configMapKeyRef')
  await rows[0]!.find('button').trigger('click')
  await wrapper.findAll('button').at(-1)!.trigger('click')
  expect(written).toEqual([
    { path: [...path, 1, 'valueFrom', 'secretKeyRef', 'key'], value: 'password' },
    { path: [...path, 0, 'value'], value: undefined },
    { path: [...path, 0, 'valueFrom'], value: { configMapKeyRef: { name: '', key: '' } } },
    { path: [...path, 0], value: undefined },
    {
      path,
      value: [
        { name: 'MODE', value: 'plain' },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web-secret', key: '' } } },
        { name: '', value: '' },
      ],
    },
  ])
})

it('whole ConfigMaps and Secrets are chosen in the same rows, each with what the server found wrong; the last that goes takes the list along', async () => {
  const { wrapper, written } = field(EnvFromInput, [{ configMapRef: { name: 'Web' } }], {
    at: [...path, 0, 'configMapRef', 'name'],
    text: 'must be a lowercase RFC 1123 subdomain',
  })
  const row = wrapper.find('[role=group]')
  expect(row.attributes('aria-label')).toBe('Web')
  expect(wrapper.find('[role=alert]').text()).toBe('must be a lowercase RFC 1123 subdomain')
  expect(row.find('input').attributes('aria-invalid')).toBe('true')
  expect(options(row.find('datalist').element)).toEqual(['web-config', 'other'])
  await row.find('select').setValue('secretRef')
  await row.find('button').trigger('click')
  expect(written).toEqual([
    { path: [...path, 0, 'configMapRef'], value: undefined },
    { path: [...path, 0, 'secretRef'], value: { name: 'Web' } },
    { path, value: undefined },
  ])
})
