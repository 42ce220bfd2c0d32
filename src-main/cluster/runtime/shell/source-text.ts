/** A command as text again, for `jobs` and `type`. Not the original spelling: blanks and quotes are normalised. */
import type { Assignment, Condition, Node, Parameter, Redirect, Word, WordPart } from './ast.js'

/** One line that says what a node does. */
export function sourceText(node: Node): string {
  const redirects = node.redirects.map((r) => ` ${redirectText(r)}`).join('')
  return body(node) + redirects
}

function body(node: Node): string {
  switch (node.type) {
    case 'simple': {
      const words = node.words.map((word) => {
        const text = wordText(word)
        const array = node.arrays?.find(({ name }) => name === text)
        return array ? assignmentText(array) : text
      })
      return [...node.assignments.map(assignmentText), ...words].join(' ')
    }
    case 'pipeline':
      return (
        (node.timed ? (node.timed === 'posix' ? 'time -p ' : 'time ') : '') +
        (node.negate ? '! ' : '') +
        node.commands.map(sourceText).join(' | ')
      )
    case 'and':
      return `${sourceText(node.left)} && ${sourceText(node.right)}`
    case 'or':
      return `${sourceText(node.left)} || ${sourceText(node.right)}`
    case 'list':
      return node.items.map(sourceText).join('; ')
    case 'background':
      return `${sourceText(node.body)} &`
    case 'coproc':
      return `coproc ${node.name} ${sourceText(node.body)}`
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
      return `for ((${plainText(node.init)}; ${plainText(node.test)}; ${plainText(node.step)})); do ${sourceText(node.body)}; done`
    case 'case':
      return `case ${wordText(node.subject)} in ${node.clauses.map((c) => `${c.patterns.map(wordText).join('|')}) ${c.body ? sourceText(c.body) : ''}${c.end} `).join('')}esac`
    case 'function':
      return `${node.name}() ${sourceText(node.body)}`
    case 'condition':
      return `[[ ${conditionText(node.condition)} ]]`
    case 'arithmetic':
      return `((${plainText(node.expression)}))`
  }
}

function assignmentText(a: Assignment): string {
  return `${a.name}${a.index ? `[${plainText(a.index)}]` : ''}${a.append ? '+' : ''}=${a.elements ? arrayText(a.elements) : wordText(a.value)}`
}

function conditionText(c: Condition): string {
  switch (c.type) {
    case 'unary':
      return `${c.op} ${wordText(c.operand)}`
    case 'binary':
      return `${wordText(c.left)} ${c.op} ${wordText(c.right)}`
    case 'word':
      return wordText(c.word)
    case 'not':
      return `! ${conditionText(c.of)}`
    case 'and':
    case 'or':
      return `${conditionText(c.left)} ${c.type === 'and' ? '&&' : '||'} ${conditionText(c.right)}`
  }
}

function redirectText(r: Redirect): string {
  if (r.op === '<<' && r.delimiter !== undefined) return `${r.fd ?? ''}<<${r.delimiter}\n${plainText(r.target)}${r.delimiter}\n`
  const to = wordText(r.target)
  const spaced = r.op.endsWith('&') ? to : ` ${to}`
  return `${r.variable === undefined ? (r.fd ?? '') : `{${r.variable}}`}${r.op}${spaced}`
}

/** Runs of quoted parts share one pair of quotes. */
export function wordText(word: Word): string {
  if (word.spelling !== undefined) return word.spelling
  let out = ''
  for (let i = 0; i < word.length;) {
    let run = ''
    const from = i
    while (i < word.length && word[i]!.quoted) run += partText(word[i++]!)
    if (i > from) {
      const plain = word.slice(from, i).every((p) => p.type === 'text')
      out += plain && run !== '' && !/[^A-Za-z0-9_./:=,@%+-]/.test(run) ? run : plain && /[$`"\\]/.test(run) ? `'${run}'` : `"${run}"`
    } else out += partText(word[i++]!)
  }
  return out
}

function partText(p: WordPart): string {
  switch (p.type) {
    case 'text':
      return p.text
    case 'parameter':
      return p.op || p.length || p.index || p.indirect ? `\${${parameterText(p)}}` : `$${p.name}`
    case 'command':
      return `$(${p.body ? sourceText(p.body) : ''})`
    case 'arithmetic':
      return `$((${plainText(p.expression)}))`
    case 'process':
      return `${p.direction}(${p.body ? sourceText(p.body) : ''})`
  }
}

function parameterText(p: Parameter): string {
  const index = p.index ? `[${plainText(p.index)}]` : ''
  const word = (p.word ? wordText(p.word) : '') + (p.second ? `${p.op === ':' ? ':' : '/'}${wordText(p.second)}` : '')
  return `${p.length ? '#' : p.indirect ? '!' : ''}${p.name}${index}${p.colon ? ':' : ''}${p.op ?? ''}${word}`
}

/** `(a "b c")`, as in an assignment to an array. */
export function arrayText(elements: readonly { index?: Word; value: Word }[]): string {
  return `(${elements.map((e) => (e.index ? `[${plainText(e.index)}]=` : '') + wordText(e.value)).join(' ')})`
}

/** Text in which quotes mean nothing, as in arithmetic. */
export function plainText(word: Word): string {
  return word.map(partText).join('')
}

// The layout of bash for functions.

/** A function as bash's `type` and `declare -f` print it. */
export function functionText(node: Node): string {
  if (node.type !== 'function') return sourceText(node)
  return `${node.name} () \n${block(node.body, '')}`
}

/** A function as bash hands it to other programs in their environment: `() {  commands\n}`. */
export function exportedText(node: Node): string {
  return functionText(node).replace(/^\S+ \(\) \n\{ \n {4}/, '() {  ')
}

function block(node: Node, indent: string): string {
  const inner = node.type === 'group' ? node.body : node
  const redirects = node.type === 'group' ? node.redirects.map((r) => ` ${redirectText(r)}`).join('') : ''
  return `${indent}{ \n${statements(inner, `${indent}    `)}\n${indent}}${redirects}`
}

/** Commands one a line; each but the last ends with a semicolon. */
function statements(node: Node, indent: string): string {
  const items = node.type === 'list' ? node.items : [node]
  return items
    .map((item, i) => {
      const text = indent + statement(item, indent)
      return i < items.length - 1 && item.type !== 'background' && !text.endsWith('\n') ? `${text};` : text
    })
    .join('\n')
}

function statement(node: Node, indent: string): string {
  const deeper = `${indent}    `
  const redirects = node.redirects.map((r) => ` ${redirectText(r)}`).join('')
  switch (node.type) {
    case 'if':
      return conditional(node, indent) + redirects
    case 'while':
    case 'until':
      return `${node.type} ${sourceText(node.condition)}; do\n${statements(node.body, deeper)};\n${indent}done${redirects}`
    case 'for':
    case 'select': {
      const words = node.words ? ` in ${node.words.map(wordText).join(' ')}` : ' in "$@"'
      return `${node.type} ${node.name}${words};\n${indent}do\n${statements(node.body, deeper)};\n${indent}done${redirects}`
    }
    case 'case': {
      const clauses = node.clauses.map((c) => {
        const body = c.body ? `${statements(c.body, `${deeper}    `)}\n` : '\n'
        return `${deeper}${c.patterns.map(wordText).join(' | ')})\n${body}${deeper}${c.end}\n`
      })
      return `case ${wordText(node.subject)} in \n${clauses.join('')}${indent}esac${redirects}`
    }
    case 'group':
      return block(node, indent).trimStart()
    case 'subshell':
      return `( ${statements(node.body, indent).trimStart()} )${redirects}`
    case 'background':
      return `${statement(node.body, indent)} &`
    case 'forArithmetic':
      return `for ((${plainText(node.init)}; ${plainText(node.test)}; ${plainText(node.step)}))\n${indent}do\n${statements(node.body, deeper)};\n${indent}done${redirects}`
    case 'and':
    case 'or':
      return `${statement(node.left, indent)} ${node.type === 'and' ? '&&' : '||'} ${statement(node.right, indent)}`
    case 'function':
      return `function ${node.name} () \n${block(node.body, indent)}`
    default:
      return sourceText(node)
  }
}

function conditional(node: Node & { type: 'if' }, indent: string): string {
  const deeper = `${indent}    `
  const rest = node.alternative ? `${indent}else\n${statements(node.alternative, deeper)};\n` : ''
  return `if ${sourceText(node.condition)}; then\n${statements(node.consequent, deeper)};\n${rest}${indent}fi`
}
