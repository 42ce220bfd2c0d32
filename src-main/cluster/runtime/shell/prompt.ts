/** Prompts: `PS1` with bash's and ash's backslash escapes. */
import { Parser } from './parser.js'
import type { Parameter, Word } from './ast.js'
import type { Shell } from './shell.js'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The prompt's text. What stands between `\[` and `\]` is kept between \x01 and \x02: it takes no columns. */
export function promptText(shell: Shell, name: 'PS1' | 'PS2'): string {
  const text = shell.variables.get(name) ?? ''
  const escaped = shell.dialect === 'dash' ? text : text.replace(/\\([0-7]{3}|.)/g, (_m, c: string) => escape(shell, c))
  return substitute(shell, escaped)
}

function escape(shell: Shell, c: string): string {
  const { task } = shell
  if (/^[0-7]{3}$/.test(c)) return String.fromCharCode(parseInt(c, 8))
  const now = new Date(task.clock.now())
  const two = (n: number): string => String(n).padStart(2, '0')
  switch (c) {
    case 'u':
      return shell.users().find((u) => u.uid === task.uid)?.name ?? (shell.dialect === 'bash' ? 'I have no name!' : '?')
    case 'h':
      return task.hostname.split('.')[0]!
    case 'H':
      return task.hostname
    case 'w':
    case 'W': {
      const home = shell.variables.get('HOME')
      const path =
        home && home !== '/' && (task.cwd === home || task.cwd.startsWith(`${home}/`)) ? `~${task.cwd.slice(home.length)}` : task.cwd
      return c === 'w' ? path : path === '/' || path === '~' ? path : path.split('/').at(-1)!
    }
    case '$':
      return task.uid === 0 ? '#' : '\\$'
    case 'n':
      return '\n'
    case 'r':
      return '\r'
    case 'e':
      return '\x1b'
    case 'a':
      return '\x07'
    case 's':
      return shell.baseName
    case 'v':
      return (shell.variables.get('BASH_VERSION') ?? '').split('.').slice(0, 2).join('.')
    case 'V':
      return (shell.variables.get('BASH_VERSION') ?? '').replace(/\(.*/, '')
    case 't':
      return `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`
    case 'A':
      return `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`
    case 'd':
      return `${DAYS[now.getUTCDay()]} ${MONTHS[now.getUTCMonth()]} ${two(now.getUTCDate())}`
    case '[':
      return '\x01'
    case ']':
      return '\x02'
    case '\\':
      return '\\\\'
    default:
      return `\\${c}`
  }
}

/** Parameters in a prompt. Commands are not run here: a prompt must come at once. */
function substitute(shell: Shell, text: string): string {
  if (!/[$\\]/.test(text)) return text
  const word = new PromptReader(text, shell.dialect).parts()
  return word.map((p) => (p.type === 'text' ? p.text : p.type === 'parameter' ? value(shell, p) : '')).join('')
}

function value(shell: Shell, p: Parameter): string {
  const v = shell.parameter(p.name)
  if (p.op === '+') return v !== undefined && !(p.colon && v === '') ? plain(shell, p) : ''
  if (p.op === '-') return v === undefined || (p.colon && v === '') ? plain(shell, p) : v
  return v ?? ''
}

function plain(shell: Shell, p: Parameter): string {
  return (p.word ?? []).map((w) => (w.type === 'text' ? w.text : w.type === 'parameter' ? value(shell, w) : '')).join('')
}

/** A text as it is inside double quotes. */
export function quotedText(shell: Shell, text: string): Word {
  return new PromptReader(text, shell.dialect).parts()
}

class PromptReader extends Parser {
  parts() {
    return this.quotedParts(() => false, '$`\\')
  }
}
