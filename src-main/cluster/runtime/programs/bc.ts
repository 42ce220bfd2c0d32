/** bc: arithmetic over lines of input. */
import type { Program } from '../process.js'
import { evaluate } from '../shell/arithmetic.js'
import { command } from './command.js'

/** bc for what people pipe into it: one expression a line, with `scale`. */
export function bc(): Program {
  return command('busybox', async (c) => {
    let scale = c.task.argv.includes('-l') ? 20 : 0
    for (;;) {
      const line = await c.task.readLine()
      if (line === undefined) return 0
      for (const part of line.split(';')) {
        const text = part.trim()
        const s = /^scale\s*=\s*(\d+)$/.exec(text)
        if (s) scale = Number(s[1])
        else if (text === 'quit') return 0
        else if (text !== '') await c.print(`${calculate(text, scale)}\n`)
      }
    }
  })
}

function calculate(text: string, scale: number): string {
  if (/[^0-9+\-*/%^(). <>=!&|]/.test(text)) return '(standard_in) 1: syntax error'
  try {
    if (scale === 0 && !text.includes('.'))
      return String(evaluate(text.replaceAll('^', '**'), { get: () => '0', set: () => undefined }, 'bash'))
    return decimal(text.replaceAll('^', '**'), scale)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return /division/.test(error.message) ? 'Runtime error (func=(main), adr=3): Divide by zero' : '(standard_in) 1: syntax error'
  }
}

/** Decimal arithmetic by hand: there is no eval of what a person types. */
function decimal(text: string, scale: number): string {
  const tokens = text.match(/\d+\.?\d*|\.\d+|\*\*|[-+*/%()]/g) ?? []
  let at = 0
  const primary = (): number => {
    const t = tokens[at++]
    if (t === '(') {
      const v = sum()
      at++
      return v
    }
    if (t === '-') return -primary()
    const n = Number(t)
    if (Number.isNaN(n)) throw new Error('syntax')
    return n
  }
  const power = (): number => {
    const base = primary()
    if (tokens[at] !== '**') return base
    at++
    return base ** power()
  }
  const product = (): number => {
    let v = power()
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '%') {
      const op = tokens[at++]
      const r = power()
      if (op !== '*' && r === 0) throw new Error('division by zero')
      v = op === '*' ? v * r : op === '/' ? Math.trunc((v / r) * 10 ** scale) / 10 ** scale : v % r
    }
    return v
  }
  const sum = (): number => {
    let v = product()
    while (tokens[at] === '+' || tokens[at] === '-') v = tokens[at++] === '+' ? v + product() : v - product()
    return v
  }
  const result = sum()
  const shown = text.includes('/') ? result.toFixed(scale) : String(Number(result.toFixed(Math.max(scale, 10))))
  return shown.replace(/^(-?)0\./, '$1.')
}
