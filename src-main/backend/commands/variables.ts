/** Variables in the arguments of a person's own commands, and what keeps their values from being more than words. */
import path from 'node:path'
import { problem } from '../errors.js'

/** Every variable but the columns, and what it stands for. The names are those of k9s, and some that it lacks. */
export const VARIABLES = [
  'NAME',
  'NAMESPACE',
  'CONTEXT',
  'CLUSTER',
  'USER',
  'KUBECONFIG',
  'KIND',
  'RESOURCE_NAME',
  'GROUP',
  'RESOURCE_GROUP',
  'VERSION',
  'RESOURCE_VERSION',
  'POD',
  'CONTAINER',
] as const

/** `$NAME`, `${COL-%CPU/R}`; an exclamation mark turns true into false, as in k9s. A name in lower case is a shell's own. */
const VARIABLE = /\$(?:\{(!?)(COL-[^}]+|[A-Z][A-Z_]*)\}|(!?)(COL-\w+|[A-Z][A-Z_]*))/g
/** What a shell takes for part of a word, however it is quoted. */
const HARMLESS = /^(?!-)[\w@%+=:,./-]+$/
/** Text in which there is more than one word for whoever reads it. */
const SEVERAL_WORDS = /[\s;|&<>()`'"\\]/
/** The argument after one of these is a program for what runs it. */
const SCRIPT_FLAG = /^(-[a-zA-Z]*c|-e|-E|--command|--eval|--execute|[-/](?:C|Command))$/i
/** Programs that hand their arguments to a shell as one text. */
const JOINERS = new Set(['watch', 'viddy', 'ssh', 'eval', 'cmd', 'powershell', 'pwsh', 'wsl', 'parallel', 'tmux', 'screen', 'su'])

const isJoiner = (word: string): boolean =>
  JOINERS.has(
    path
      .basename(word.replaceAll('\\', '/'))
      .toLowerCase()
      .replace(/\.exe$/, ''),
  )

/** The variables in a text, without `$` and braces. */
export const variablesIn = (text: string): string[] => [...text.matchAll(VARIABLE)].map((m) => m[2] ?? m[4]!)

/** Whether a variable has a value for some object. */
export const isKnown = (variable: string): boolean => variable.startsWith('COL-') || (VARIABLES as readonly string[]).includes(variable)

/** Whether the argument at `i` may be read as a program or by a shell, so that a value in it could be more than a word. */
export function isScript(command: string, args: readonly string[], i: number): boolean {
  const text = args[i]!.replace(VARIABLE, '')
  return (
    SEVERAL_WORDS.test(text) || SCRIPT_FLAG.test(args[i - 1] ?? '') || isJoiner(command) || args.slice(0, i).some((word) => isJoiner(word))
  )
}

/** The name of the environment variable that has the value of a variable: `DRYDOCK_COL_NODE`. */
export const environmentName = (variable: string): string => `DRYDOCK_${variable.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`

const turned = (value: string): string => (value === 'true' ? 'false' : value === 'false' ? 'true' : value)

/** A text with values in the place of its variables; what is no variable of a command stays. */
function filled(text: string, valueOf: (variable: string) => string): string {
  return text.replace(VARIABLE, (whole: string, not1?: string, name1?: string, not2?: string, name2?: string) => {
    const name = name1 ?? name2!
    if (!isKnown(name)) return whole
    const value = valueOf(name)
    return not1 || not2 ? turned(value) : value
  })
}

/**
 * The arguments for one object. Each stays one argument, whatever a value holds. Throws `Invalid` where a value would be read as a flag,
 * or stands where a shell or an interpreter would read it and is more than a word.
 */
export function argumentsFor(command: string, args: readonly string[], values: ReadonlyMap<string, string>): string[] {
  return args.map((arg, i) => {
    const script = isScript(command, args, i)
    const done = filled(arg, (variable) => {
      const value = values.get(variable) ?? ''
      if (script && !HARMLESS.test(value))
        throw problem('Invalid', value ? 'commandMoreThanWord' : 'commandNoValue', {
          variable: `$${variable}`,
          value,
          field: `args[${i}]`,
          environment: `$${environmentName(variable)}`,
        })
      return value
    })
    if (!arg.startsWith('-') && done.startsWith('-')) throw problem('Invalid', 'commandFlag', { value: done, field: `args[${i}]` })
    return done
  })
}

/** The address of a link for one object. Values cannot leave the part of it that they stand in. Throws `Invalid` when it is none of the web. */
export function addressFor(url: string, values: ReadonlyMap<string, string>): string {
  const address = filled(url, (variable) => encodeURIComponent(values.get(variable) ?? ''))
  if (!isWebAddress(address)) throw problem('Invalid', 'commandUrl', { url: address })
  return address
}

export function isWebAddress(url: string): boolean {
  try {
    return /^https?:\/\//i.test(url) && ['http:', 'https:'].includes(new URL(url).protocol)
  } catch {
    return false
  }
}

/** The address with a word in the place of each variable, to be looked at before there is an object. */
export const sampleAddress = (url: string): string => filled(url, () => 'x')

/** Quotes a word for a POSIX shell when it needs it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
