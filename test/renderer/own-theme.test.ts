import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { faintTexts, readTheme, themeColours, ThemeProblem, writeTheme, type OwnTheme } from '../../src-renderer/app/own-theme.js'
import { followLook, ownColours, shownColour } from '../../src-renderer/app/theme.js'
import tokens from '../../src-renderer/app/styles/tokens.css?raw'
import ThemeField from '../../src-renderer/dialogs/ThemeField.vue'
import { useSettings } from '../../src-renderer/stores/settings.js'

/** The colours of the two themes of the window, as their stylesheet has them. */
function coloursOf(base: string): Record<string, string> {
  const block = tokens.split(`:root[data-theme='${base}'] {`)[1]!.split('}')[0]!
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name!, colour!]))
}

const dusk: OwnTheme = { name: 'Dusk', base: 'dark', colours: { surface: '#20202c', chrome: '#181822', text: '#e8e6f2' } }
const variable = (name: string): string => document.documentElement.style.getPropertyValue(name)

describe('the file of a theme', () => {
  it.each(['light', 'dark'])('may set every colour of the %s theme, and no other', (base) => {
    expect(Object.keys(coloursOf(base)).sort()).toEqual([...themeColours].sort())
  })

  it('is read as it is written', () => {
    expect(readTheme(writeTheme(dusk))).toEqual(dusk)
  })

  it.each([
    ['no JSON', '{', 'json', {}],
    ['a list', '[]', 'json', {}],
    ['no name', { base: 'dark', colours: { text: '#ffffff' } }, 'name', {}],
    ['a base that is neither', { ...dusk, base: 'system' }, 'base', {}],
    ['no colours', { ...dusk, colours: {} }, 'colours', {}],
    ['a colour that is not there', { ...dusk, colours: { background: '#000000' } }, 'unknown', { colour: 'background' }],
    ['what is no colour', { ...dusk, colours: { text: 'red' } }, 'value', { colour: 'text', value: '"red"' }],
  ])('with %s is refused with the reason', (_, file, key, named) => {
    const read = () => readTheme(typeof file === 'string' ? file : JSON.stringify(file))
    expect(read).toThrow(ThemeProblem)
    try {
      read()
    } catch (error) {
      expect({ key: (error as ThemeProblem).key, named: (error as ThemeProblem).named }).toEqual({ key, named })
    }
  })
})

it('a colour that the stylesheet writes in short is told in full', () => {
  document.documentElement.style.setProperty('--surface', '#fa3')
  expect(shownColour('surface')).toBe('#ffaa33')
  document.documentElement.style.removeProperty('--surface')
})

describe('texts that are hard to read', () => {
  it.each(['light', 'dark'])('are none in the %s theme', (base) => {
    expect(faintTexts((name) => coloursOf(base)[name]!)).toEqual([])
  })

  it('are told with what they stand on', () => {
    const colours: Record<string, string> = { ...coloursOf('light'), warn: '#e0ac4e' }
    expect(faintTexts((name) => colours[name]!)).toEqual([
      { colour: 'warn', ground: 'surface', contrast: 2.0 },
      { colour: 'warn', ground: 'chrome', contrast: 1.8 },
      { colour: 'warn', ground: 'sunken', contrast: 1.9 },
    ])
  })
})

describe('a theme of a person’s own', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('is shown over the one it is made from; an accent over both; and nothing of it stays', async () => {
    const settings = useSettings()
    followLook(() => ({ theme: settings.value.theme, own: settings.ownTheme, accent: settings.value.accent }))
    settings.set({ theme: 'light', themes: [dusk], ownTheme: 'Dusk' })
    await nextTick()
    expect(document.documentElement.dataset.theme).toBe('dark')
    expect(['--surface', '--text', '--accent'].map(variable)).toEqual(['#20202c', '#e8e6f2', ''])
    settings.set({ accent: '#15803d' })
    await nextTick()
    expect(variable('--surface')).toBe('#20202c')
    expect(variable('--accent')).toMatch(/^#[0-9a-f]{6}$/)
    settings.set({ ownTheme: undefined, accent: undefined })
    await nextTick()
    expect(document.documentElement.dataset.theme).toBe('light')
    expect(themeColours.filter((name) => variable(`--${name}`))).toEqual([])
    expect(ownColours.value).toEqual({})
  })

  it('is added from a file and shown at once, told why where it cannot be, and removed', async () => {
    const settings = useSettings()
    const field = mount(ThemeField, { global: { plugins: [i18n] }, attachTo: document.body })
    const chosen = () =>
      field
        .findAll('label')
        .find((l) => (l.find('input').element as HTMLInputElement).checked)
        ?.text()
    const give = async (text: string) => {
      const input = field.find('input[type=file]')
      Object.defineProperty(input.element, 'files', { value: [new File([text], 'dusk.json')], configurable: true })
      await input.trigger('change')
      await flushPromises()
    }
    expect(chosen()).toBe('Follow the system')
    await give('{"name":"Dusk","base":"dark","colours":{"ground":"#000000"}}')
    expect(field.get('[role=alert]').text()).toBe('dusk.json is no theme: there is no colour “ground”.')
    await give(writeTheme(dusk))
    expect(field.find('[role=alert]').exists()).toBe(false)
    expect(settings.value.themes).toEqual([dusk])
    expect(chosen()).toBe('Dusk')
    // One of the same name takes its place.
    await give(writeTheme({ ...dusk, base: 'light' }))
    expect(settings.value.themes).toEqual([{ ...dusk, base: 'light' }])
    await field.findAll('button').at(-1)!.trigger('click')
    expect(settings.value.themes).toEqual([])
    expect(chosen()).toBe('Follow the system')
    field.unmount()
  })
})
