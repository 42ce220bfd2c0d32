/** A command as text again, for `jobs` and `type`. Not the original spelling: blanks and quotes are normalised. */
import type { Node, Redirect, Word } from './ast.js'

/** One line that says what a node does. */
export function sourceText(node: Node): string {
  const redirects = node.redirects.map((r) => ` ${redirectText(r)}`).join('')
  return body(node) + redirects
}

function body(node: Node): string {
  switch (node.type) {
    case 'simple':
      return [...node.assignments.map((a) => `${a.name}${a.append ? '+' : ''}=${wordText(a.value)}`), ...node.words.map(wordText)].join(' ')
    case 'pipeline':
      return (node.negate ? '! ' : '') + node.commands.map(sourceText).join(' | ')
    case 'and':
      return `${sourceText(node.left)} && ${sourceText(node.right)}`
    case 'or':
      return `${sourceText(node.left)} || ${sourceText(node.right)}`
    case 'list':
      return node.items.map(sourceText).join('; ')
    case 'background':
      return `${sourceText(node.body)} &`
    case 'subshell':
      return `(${sourceText(node.body)})`
    case 'group':
      return `{ ${sourceText(node.body)}; }`
    case 'if':
      return `if ${sourceText(node.condition)}; then ${sourceText(node.consequent)}; ${node.alternative ? `else ${sourceText(node.alternative)}; ` : ''}fi`
    case 'while':
    case 'until':
      return `${node.type} ${sourceText(node.condition)}; do ${sourceText(node.body)}; done`
    case 'for':
    case 'select':
      return `${node.type} ${node.name}${node.words ? ` in ${node.words.map(wordText).join(' ')}` : ''}; do ${sourceText(node.body)}; done`
    case 'forArithmetic':
      return `for ((${wordText(node.init)}; ${wordText(node.test)}; ${wordText(node.step)})); do ${sourceText(node.body)}; done`
    case 'case':
      return `case ${wordText(node.subject)} in ${node.clauses.map((c) => `${c.patterns.map(wordText).join('|')}) ${c.body ? sourceText(c.body) : ''}${c.end} `).join('')}esac`
    case 'function':
      return `${node.name}() ${sourceText(node.body)}`
    case 'condition':
      return '[[ … ]]'
    case 'arithmetic':
      return `((${wordText(node.expression)}))`
  }
}

function redirectText(r: Redirect): string {
  return `${r.fd ?? ''}${r.op}${wordText(r.target)}`
}

function wordText(word: Word): string {
  return word
    .map((p) => {
      switch (p.type) {
        case 'text':
          return p.quoted && (p.text === '' || /[^A-Za-z0-9_./:=,@%+-]/.test(p.text)) ? `"${p.text}"` : p.text
        case 'parameter':
          return p.op || p.length || p.index
            ? `\${${p.length ? '#' : ''}${p.name}${p.colon ? ':' : ''}${p.op ?? ''}${p.word ? wordText(p.word) : ''}}`
            : `$${p.name}`
        case 'command':
          return `$(${p.body ? sourceText(p.body) : ''})`
        case 'arithmetic':
          return `$((${wordText(p.expression)}))`
        case 'process':
          return `${p.direction}(${p.body ? sourceText(p.body) : ''})`
      }
    })
    .join('')
}
