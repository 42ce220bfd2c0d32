/** bash's [[ … ]]. */
import type { Condition, Word } from './ast.js'
import { expandString, matchesWord } from './expand.js'
import type { Shell } from './shell.js'
import { compile } from '../programs/regex.js'
import { testUnary, testBinary } from './builtins/test.js'
import { traceLine } from './xtrace.js'

/** Evaluates a condition. @param negated whether a `!` stands in front, for `set -x` */
export async function condition(shell: Shell, c: Condition, negated = false): Promise<boolean> {
  const not = negated ? '! ' : ''
  switch (c.type) {
    case 'not':
      return !(await condition(shell, c.of, true))
    case 'and':
      return (await condition(shell, c.left)) && condition(shell, c.right)
    case 'or':
      return (await condition(shell, c.left)) || condition(shell, c.right)
    case 'word':
      return text(shell, not, c.word)
    case 'unary': {
      const operand = await expandString(shell, c.operand)
      await traceLine(shell, `[[ ${not}${c.op} ${shown(operand)} ]]`)
      return testUnary(shell, c.op, operand)
    }
    case 'binary': {
      const left = await expandString(shell, c.left)
      if (shell.options.xtrace) await traceLine(shell, `[[ ${not}${shown(left)} ${c.op} ${shown(await traced(shell, c))} ]]`)
      if (c.op === '=' || c.op === '==') return matchesWord(shell, c.right, left)
      if (c.op === '!=') return !(await matchesWord(shell, c.right, left))
      if (c.op === '=~') return matchRegex(shell, left, c.right)
      return testBinary(shell, c.op, left, await expandString(shell, c.right), true)
    }
  }
}

async function text(shell: Shell, not: string, word: Word): Promise<boolean> {
  const value = await expandString(shell, word)
  await traceLine(shell, `[[ ${not}-n ${shown(value)} ]]`)
  return value !== ''
}

function shown(value: string): string {
  return value === '' ? "''" : value
}

/** The right side as a trace shows it: in a pattern, what is quoted has backslashes. */
async function traced(shell: Shell, c: Condition & { type: 'binary' }): Promise<string> {
  if (!['=', '==', '!='].includes(c.op)) return expandString(shell, c.right)
  let out = ''
  for (const part of c.right) {
    const value = await expandString(shell, [part])
    out += part.quoted ? value.replace(/./gs, '\\$&') : value
  }
  return out
}

/** `=~`: what is quoted stands for itself, the rest is an extended regular expression. */
async function matchRegex(shell: Shell, text: string, word: Word): Promise<boolean> {
  let pattern = ''
  for (const part of word) {
    const s = await expandString(shell, [part])
    pattern += part.quoted ? s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : s
  }
  const regex = compile(pattern, true, shell.shopt.has('nocasematch') ? 'i' : '')
  const m = regex.exec(Buffer.from(text).toString('latin1'))
  const groups = (m ?? []).map((g) => Buffer.from(g ?? '', 'latin1').toString('utf8'))
  shell.variables.setArray('BASH_REMATCH', new Map(groups.map((g, i) => [String(i), g])))
  return m !== null
}
