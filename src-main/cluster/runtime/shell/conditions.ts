/** bash's [[ … ]]. */
import type { Condition, Word } from './ast.js'
import { expandPattern, expandString } from './expand.js'
import type { Shell } from './shell.js'
import { compile } from '../programs/regex.js'
import { testUnary, testBinary } from './builtins/test.js'

// [[ … ]]

export async function condition(shell: Shell, c: Condition): Promise<boolean> {
  switch (c.type) {
    case 'not':
      return !(await condition(shell, c.of))
    case 'and':
      return (await condition(shell, c.left)) && condition(shell, c.right)
    case 'or':
      return (await condition(shell, c.left)) || condition(shell, c.right)
    case 'word':
      return (await expandString(shell, c.word)) !== ''
    case 'unary':
      return testUnary(shell, c.op, await expandString(shell, c.operand))
    case 'binary': {
      const left = await expandString(shell, c.left)
      if (c.op === '=' || c.op === '==') return (await expandPattern(shell, c.right)).matches(left)
      if (c.op === '!=') return !(await expandPattern(shell, c.right)).matches(left)
      if (c.op === '=~') return matchRegex(shell, left, c.right)
      return testBinary(shell, c.op, left, await expandString(shell, c.right), true)
    }
  }
}

/** `=~`: what is quoted stands for itself, the rest is an extended regular expression. */
async function matchRegex(shell: Shell, text: string, word: Word): Promise<boolean> {
  let pattern = ''
  for (const part of word) {
    const s = await expandString(shell, [part])
    pattern += part.quoted ? s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : s
  }
  const m = compile(pattern, true).exec(Buffer.from(text).toString('latin1'))
  const groups = (m ?? []).map((g) => Buffer.from(g ?? '', 'latin1').toString('utf8'))
  shell.variables.setArray('BASH_REMATCH', new Map(groups.map((g, i) => [String(i), g])))
  return m !== null
}
