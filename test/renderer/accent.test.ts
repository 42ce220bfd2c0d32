import { describe, expect, it } from 'vitest'
import { accents, accentTokens, contrast, rgbOf } from '../../src-renderer/app/accent.js'

const grounds = { light: ['#ffffff', '#eef0f3'], dark: ['#171b20', '#2a3038'] }

describe('an accent', () => {
  it.each([...accents, '#ffff00', '#ffffff', '#000000', '#00ff7f', '#ff0000'])(
    '%s can be read in both themes, on all it stands on',
    (accent) => {
      for (const theme of ['light', 'dark'] as const) {
        const tokens = accentTokens(accent, theme)
        const of = (name: string) => rgbOf(tokens[name]!)!
        for (const ground of [...grounds[theme].map((g) => rgbOf(g)!), of('--accent-soft')])
          for (const name of ['--accent', '--accent-strong'])
            expect(contrast(of(name), ground), `${theme} ${name}`).toBeGreaterThanOrEqual(4.5)
        expect(contrast(of('--accent-text'), of('--accent')), theme).toBeGreaterThanOrEqual(4.5)
      }
    },
  )

  it('that can be read is left as it is', () => {
    expect(accentTokens('#1d5fd1', 'light')['--accent']).toBe('#1d5fd1')
  })

  it('that is no colour changes nothing', () => {
    expect(accentTokens('blue', 'light')).toEqual({})
  })
})
