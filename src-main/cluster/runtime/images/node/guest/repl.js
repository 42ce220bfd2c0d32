// The prompt of node: evaluates what is typed, shows its value, and tells when more lines belong to it.
const { stackOf } = require('internal/errors')
const { inspect } = require('util')
const { host } = kernel

const COMMANDS = {
  '.break': 'Sometimes you get stuck, this gets you out',
  '.clear': 'Alias for .break',
  '.editor': 'Enter editor mode',
  '.exit': 'Exit the REPL',
  '.help': 'Print this help message',
  '.load': 'Load JS from a file into the REPL session',
  '.save': 'Save all evaluated commands in this REPL session to a file',
}
const evaluated = []
let typed = ''
let editing = false

const say = (text) => void process.stdout.write(`${text}\n`)

/** Whether a bracket, a template or a comment is open at the end of a text. */
function isOpen(text) {
  const open = []
  for (let i = 0; i < text.length; i++) {
    const [c, inside] = [text[i], open.at(-1)]
    if (inside === '`') {
      if (c === '\\') i++
      else if (c === '`') open.pop()
      else if (c === '$' && text[i + 1] === '{') {
        open.push('}')
        i++
      }
    } else if (c === '`') open.push('`')
    else if (c === '"' || c === "'") {
      for (i++; i < text.length && text[i] !== c && text[i] !== '\n'; i++) if (text[i] === '\\') i++
    } else if (c === '/' && text[i + 1] === '/') {
      while (i < text.length && text[i] !== '\n') i++
    } else if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2)
      if (end < 0) return true
      i = end + 1
    } else if ('([{'.includes(c)) open.push({ '(': ')', '[': ']', '{': '}' }[c])
    else if (c === inside) open.pop()
  }
  return open.length > 0
}

/** The value of a text, or a promise of it when it awaits. */
function evaluate(text) {
  const code = text.trim()
  // What looks like a block may be an object.
  if (/^\{[^]*\}$/.test(code)) {
    try {
      return host.compile(`(${code}\n)`, 'REPL1')
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  try {
    return host.compile(text, 'REPL1')
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/\bawait\b/.test(text)) throw error
    return evaluateAsync(code)
  }
}

function evaluateAsync(code) {
  const declared = /^(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=([^]*)$/.exec(code)
  const wrap = (body) => host.compile(`(async () => ${body})()`, 'REPL1')
  if (declared) return wrap(`{ globalThis.${declared[1]} = ${declared[2]}\n}`)
  try {
    return wrap(`(${code.replace(/;$/, '')}\n)`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return wrap(`{ ${code}\n}`)
  }
}

exports.complain = (error) => {
  if (error instanceof SyntaxError || (error instanceof Error && !stackOf(error).includes('\n    at ')))
    return say(`Uncaught ${stackOf(error).split('\n    at ')[0]}`)
  if (!(error instanceof Error)) return say(`Uncaught ${inspect(error)}`)
  // The frames of the prompt itself are left out.
  const frames = inspect(error).split('\n')
  say(`Uncaught ${frames.filter((line) => !/^ {4}at REPL1:|^ {4}at Object\.<anonymous> \(REPL1:/.test(line)).join('\n')}`)
}

/** Shows a value, which is `_` from then on. */
function show(value) {
  globalThis._ = value
  say(inspect(value))
}

function command(line) {
  const [name, ...rest] = line.trim().split(/\s+/)
  const file = rest.join(' ')
  const failed = (verb) => say(`Failed to ${verb}: ${file}`)
  switch (name) {
    case '.help':
      for (const [each, text] of Object.entries(COMMANDS)) say(`${each.padEnd(10)}${text}`)
      return say('\nPress Ctrl+C to abort current expression, Ctrl+D to exit the REPL')
    case '.exit':
      return process.exit()
    case '.break':
    case '.clear':
      typed = ''
      return undefined
    case '.editor':
      editing = true
      return say('// Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)')
    case '.save':
      try {
        require('fs').writeFileSync(file, `${evaluated.join('\n')}\n`)
        return say(`Session saved to: ${file}`)
      } catch {
        return failed('save')
      }
    case '.load':
      try {
        const text = require('fs').readFileSync(file, 'utf8')
        return void run(text)
      } catch {
        return failed('load')
      }
    default:
      return say('Invalid REPL keyword')
  }
}

function run(text) {
  try {
    const value = evaluate(text)
    evaluated.push(text.trimEnd())
    if (value instanceof Promise && /\bawait\b/.test(text)) {
      value.then(
        (result) => {
          if (/^\s*(?:const|let|var)\b/.test(text)) say('undefined')
          else show(result)
          host.promptAgain()
        },
        (error) => {
          exports.complain(error)
          host.promptAgain()
        },
      )
      return 'wait'
    }
    show(value)
  } catch (error) {
    exports.complain(error)
  }
  return 'done'
}

/** Takes a line: `done`, `more` when the command goes on, `editor`, or `wait` until it has come to an end. A null ends the editor. */
exports.take = (line) => {
  if (editing) {
    if (line !== null) {
      typed += `${line}\n`
      return 'editor'
    }
    editing = false
    const text = typed
    typed = ''
    return run(text)
  }
  if (typed === '' && /^\s*\.[a-z]+(\s|$)/.test(line)) {
    command(line)
    return editing ? 'editor' : 'done'
  }
  if (typed !== '' && line.trim() === '.break') {
    typed = ''
    return 'done'
  }
  typed += `${line}\n`
  if (typed.trim() === '') {
    typed = ''
    return 'done'
  }
  if (isOpen(typed)) return 'more'
  const text = typed
  typed = ''
  return run(text)
}

/** Ctrl-C: what was typed so far is dropped. Tells whether there was something. */
exports.drop = () => {
  const had = typed !== '' || editing
  typed = ''
  editing = false
  return had
}

/** The names that Tab may put in, a space between them. */
exports.complete = (text) => {
  const [, path = '', word = ''] = /((?:[\w$]+\.)*)([\w$]*)$/.exec(text) ?? []
  let object = globalThis
  try {
    if (path) object = host.compile(path.slice(0, -1), 'REPL1')
  } catch {
    return ''
  }
  const names = new Set()
  for (let at = Object(object); at; at = Object.getPrototypeOf(at)) for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  return [...names].filter((name) => name.startsWith(word) && /^[A-Za-z_$][\w$]*$/.test(name)).sort().join(' ')
} // prettier-ignore

/** Errors that nobody catches are told at the prompt from now on. */
exports.begin = () => {
  kernel.interactive = exports
}
